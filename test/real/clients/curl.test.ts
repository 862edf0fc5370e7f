import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { isUnavailable, type Unavailable, unavailable } from '../../../scripts/real/unavailable.ts';
import { withReal } from '../real.ts';
import { snippet } from './snippets.ts';
import { withScene } from './with-scene.ts';

const run = promisify(execFile);

const versionOf = (command: string): Promise<string | Unavailable> =>
  run(command, ['--version']).then(
    ({ stdout }) => /\d+(\.\d+)+/.exec(stdout)?.[0] ?? '',
    (error) => unavailable(`${command} does not run: ${error.message}`),
  );

const jq = await versionOf('jq');

await withReal(
  'curl',
  () => versionOf('curl'),
  (version) =>
    withScene(`the commands of the docs, by curl ${version}`, (scene) => {
      const said = async (name: string, changed = (text: string) => text) => {
        const text = changed(await snippet(scene(), 'curl.md', name));
        return (
          await run('sh', ['-c', text], { env: { ...process.env, ROLLCALL_TOKEN: scene().token } })
        ).stdout;
      };

      test('print one instance', async () => {
        expect([await said('one')]).toEqual(scene().places('web'));
      });

      test('follow the redirect, and keep the token from the instance', async () => {
        const seen: unknown[] = [];
        const server = createServer(({ url, headers }, response) => {
          seen.push([url, headers.authorization]);
          response.end('order 7');
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        const { port } = Object(server.address());
        const [place] = scene().places('web');
        const rerouted = (text: string) =>
          text.replace('curl', `curl --connect-to ${place}:127.0.0.1:${port}`);
        expect(await said('go', rerouted)).toBe('order 7');
        expect(seen).toEqual([['/orders/7', undefined]]);
        server.close();
      });

      test.skipIf(isUnavailable(jq))(
        `list all that fit, by jq ${isUnavailable(jq) ? `(left out: ${jq.unavailable})` : jq}`,
        async () => {
          await scene().run('web');
          const listed = async () => (await said('all')).trim().split('\n').sort();
          await expect.poll(listed, { timeout: 60_000 }).toEqual(scene().places('web'));
          expect(scene().places('web')).toHaveLength(2);
        },
      );
    }),
);
