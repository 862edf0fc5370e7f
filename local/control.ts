import type { IncomingMessage, RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Action, NotFound } from './actions.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** `POST /control/<action>` with JSON, or nothing, for a body; `GET /control` lists the actions. */
export const createControl =
  (actions: Readonly<Record<string, Action>>): RequestListener =>
  async (request, response) => {
    const { status, body } = await answer(actions, request);
    const text = typeof body === 'string' ? body : JSON.stringify(body, null, 2);
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
    });
    response.end(`${text}\n`);
  };

const answer = async (
  actions: Readonly<Record<string, Action>>,
  request: IncomingMessage,
): Promise<Answer> => {
  // A page in the user's browser could otherwise send a form here.
  if (request.headers.origin) return { status: 403, body: 'no browser is answered here' };
  const [, name = ''] = /^\/control\/?([\w-]*)$/.exec(request.url ?? '') ?? [];
  if (name === '' && request.method === 'GET') return { status: 200, body: describe(actions) };
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action)
    return {
      status: 404,
      body: `expected /control/ and one of ${Object.keys(actions).join(', ')}`,
    };
  if (request.method !== 'POST') return { status: 405, body: 'expected POST' };
  try {
    return { status: 200, body: await action.run(await readInput(request)) };
  } catch (error) {
    const status = error instanceof NotFound ? 404 : 400;
    return { status, body: error instanceof Error ? error.message : String(error) };
  }
};

const describe = (actions: Readonly<Record<string, Action>>) =>
  Object.entries(actions).map(([name, { help, example }]) => ({
    name,
    help,
    ...(example && { example }),
  }));

const readInput = async (request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> => {
  const body = (await text(request)).trim();
  if (body === '') return {};
  const input = parse(body);
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return { ...input };
  throw new Error(`body: expected a JSON object, got ${body.slice(0, 60)}`);
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`body: expected JSON, got ${text.slice(0, 60)}`);
  }
};
