import { json } from '../../http/message.ts';
import type { Route } from '../../pipeline/router.ts';
import { UNCHANGED } from '../shared.ts';

/** The description of the whole surface, this route included: hence a function. What makes it is loaded when somebody asks. */
export const openApiRoutes = (routes: () => readonly Route[]): readonly Route[] => [
  {
    method: 'GET',
    path: '/openapi.json',
    summary: 'This description of the surface, as OpenAPI 3.1.',
    responses: {
      200: { description: 'The document.', content: { 'application/json': { type: 'object' } } },
      ...UNCHANGED,
    },
    handle: async ({ access }) => {
      const { toOpenApi } = await import('./document.ts');
      return json(toOpenApi(routes(), access.signIn !== undefined));
    },
  },
];
