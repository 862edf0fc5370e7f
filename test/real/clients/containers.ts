import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import type { DefinitionInput } from '../../../local/aws/world/shapes.ts';
import { fencesOf } from '../../unit/docs/fences.ts';

const PAGE = resolve(import.meta.dirname, '../../../docs/eureka-on-ecs.md');

/** The page's task definition of that family. */
export const exampleDefinition = async (family: string): Promise<DefinitionInput> => {
  const fences = fencesOf(await readFile(PAGE, 'utf8'));
  const found = fences.find(({ text }) => text.includes(`"family": "${family}"`));
  if (!found)
    throw new Error(`docs/eureka-on-ecs.md: expected a task definition of ${family}, got none`);
  return JSON.parse(found.text);
};

export interface Container {
  readonly port: number;
  stop(): void;
}

/** What a container would serve on the loopback: JSON by path, else 404. */
export const startContainer = async (
  answers: Readonly<Record<string, unknown>>,
): Promise<Container> => {
  const server = createServer(({ url = '' }, response) => {
    const body = answers[url];
    response
      .writeHead(body ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: Object(server.address()).port,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
};
