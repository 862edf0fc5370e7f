import { once } from '../../../platform/once.ts';
import { json } from '../../http/message.ts';
import type { Route } from '../../route.ts';
import { NOT_MODIFIED } from '../descriptions.ts';

/**
 * The description of all `routes`, this one included: hence a function. It stands apart from the
 * document, which is loaded when somebody asks for it, and not at every start.
 */
export const openApiRoutes = (routes: () => readonly Route[]): readonly Route[] => {
  const make = async (byToken: boolean) => {
    const { toOpenApi } = await import('./document.ts');
    return json(toOpenApi(routes(), byToken));
  };
  const documents = { token: once(() => make(true)), open: once(() => make(false)) };
  return [
    {
      method: 'GET',
      path: '/openapi.json',
      summary: 'This description of the surface, as OpenAPI 3.1.',
      responses: {
        200: { description: 'The document.', content: { 'application/json': { type: 'object' } } },
        ...NOT_MODIFIED,
      },
      handle: ({ access }) => documents[access.kind](),
    },
  ];
};
