import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Unavailable, unavailable } from '../../../scripts/real/unavailable.ts';
import { withReal } from '../real.ts';
import { type Scene, startScene } from './scene.ts';
import { snippet } from './snippets.ts';

const run = promisify(execFile);

const findCurl = (): Promise<string | Unavailable> =>
  run('curl', ['--version']).then(
    ({ stdout }) => stdout.split(' ')[1] ?? '',
    (error) => unavailable(`curl does not run: ${error.message}`),
  );

await withReal('curl', findCurl, (version) =>
  describe(`the commands of the docs, by curl ${version}`, { timeout: 120_000 }, () => {
    let scene: Scene;
    beforeAll(async () => {
      scene = await startScene();
      await scene.run('web');
    }, 120_000);
    afterAll(() => scene?.stop());

    const said = async (name: string, changed: (text: string) => string = (text) => text) => {
      const text = changed(await snippet(scene, 'curl.md', name));
      return (await run('sh', ['-c', text], { env: { ...process.env, ROLLCALL_TOKEN: scene.token } })).stdout;
    };

    test('print one instance', async () => {
      expect([await said('one')]).toEqual(scene.places('web'));
    });

    test('list all that fit, without what follows the pipe', async () => {
      const { instances } = JSON.parse(await said('all', (text) => text.replace(/ \\\n +\| jq.*/, '')));
      expect(instances.map(({ address, port }: Endpoint) => `${address}:${port}`)).toEqual(
        scene.places('web'),
      );
    });

    test('follow the redirect, and keep the token from the instance', async () => {
      const seen: unknown[] = [];
      const server = createServer(({ url, headers }, response) => {
        seen.push([url, headers.authorization]);
        response.end('order 7');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = Object(server.address());
      const [place] = scene.places('web');
      const rerouted = (text: string) => text.replace('curl', `curl --connect-to ${place}:127.0.0.1:${port}`);
      expect(await said('go', rerouted)).toBe('order 7');
      expect(seen).toEqual([['/orders/7', undefined]]);
      server.close();
    });
  }),
);

interface Endpoint {
  readonly address: string;
  readonly port: number;
}
