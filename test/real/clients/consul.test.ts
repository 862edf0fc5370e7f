import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { goProgram } from '../../../scripts/real/clients/go.ts';
import { npmClients } from '../../../scripts/real/clients/npm.ts';
import { debianConsul } from '../../../scripts/real/consul.ts';
import { type ServerProcess, startProcess } from '../../../scripts/real/process.ts';
import { withExtra, withReal } from '../real.ts';
import { expectFollowing } from './follow.ts';
import { snippet } from './snippets.ts';
import { withScene } from './with-scene.ts';

await withReal('consul 1.8.7', debianConsul, (binary) =>
  withScene('the commands of the docs, by consul 1.8.7', (scene) => {
    /** A line of the page, after the one that sets the variables. */
    const lineWith = async (text: string) => {
      const [setting = '', ...lines] = (await snippet(scene(), 'consul.md', 'cli')).split('\n');
      const line = lines.find((one) => one.includes(text)) ?? '';
      expect(line).not.toBe('');
      return { setting, line: line.replace(/ +#.*/, '') };
    };
    const said = async (text: string): Promise<string> => {
      const { setting, line } = await lineWith(text);
      const env = { PATH: `${dirname(binary)}:${process.env['PATH']}` };
      return (await promisify(execFile)('sh', ['-c', `${setting}\n${line}`], { env })).stdout;
    };

    test('list services and their tags', async () => {
      expect(await said('catalog services')).toMatch(/^web +blue,v1$/m);
    });

    test('list the nodes of a service', async () => {
      const [address = ''] = scene()
        .places('web')
        .map((place) => place.replace(/:.*/, ''));
      expect(await said('catalog nodes')).toMatch(
        new RegExp(`ip-${address.replaceAll('.', '-')} .*${address}`),
      );
    });

    test('watch the checks of a service', async () => {
      const { setting, line } = await lineWith('-type=checks');
      const command = `PATH=${dirname(binary)}:$PATH\n${setting}\nexec ${line.replace('./alert.sh', 'cat')}`;
      const child = spawn('sh', ['-c', command]);
      onTestFinished(() => void child.kill());
      const [said] = await once(child.stdout, 'data');
      expect(JSON.parse(String(said))).toMatchObject([{ ServiceName: 'web', Status: 'passing' }]);
    });

    test('watch a service as it changes', async () => {
      const { setting, line } = await lineWith('-type=service');
      await expectFollowing(scene(), {
        command: 'sh',
        args: [
          '-c',
          `PATH=${dirname(binary)}:$PATH\n${setting}\nexec ${line.replace('./reload.sh', 'cat')}`,
        ],
        placesIn: (line) =>
          JSON.parse(line).map(
            ({ Service }: { Service: { Address: string; Port: number } }) =>
              `${Service.Address}:${Service.Port}`,
          ),
      });
    });
  }),
);

await withReal('npm consul 2.0.1', npmClients, (folder) =>
  withScene('the watch of the docs, by npm consul 2.0.1', (scene) => {
    test('tells of each change, keeps quiet through an outage, and sees the end', async () => {
      const file = join(folder, `watch-${process.pid}.js`);
      await writeFile(file, await snippet(scene(), 'consul.md', 'watch'));
      await expectFollowing(scene(), {
        command: process.execPath,
        args: [file],
        environment: { ROLLCALL_TOKEN: scene().token },
        placesIn: (line) => JSON.parse(line),
      });
    });
  }),
);

await withExtra(
  'consul-template 0.41.1',
  () => goProgram('consul-template'),
  (binary) =>
    withScene('the configuration of the docs, by consul-template 0.41.1', (scene) => {
      let running: ServerProcess | undefined;
      // SIGTERM means nothing to it.
      afterEach(() => running?.stop('SIGINT'));

      test('renders the tasks, and again when they change', async () => {
        const { folder, places } = scene();
        const target = join(folder, 'web.conf');
        const file = join(folder, 'config.hcl');
        const text = await snippet(scene(), 'consul.md', 'consul-template');
        await writeFile(file, text.replace('/etc/nginx/conf.d/web.conf', target));
        const rendered = async () =>
          [...(await readFile(target, 'utf8')).matchAll(/server (\S+);/g)]
            .map(([, place]) => place)
            .sort();
        running = await startProcess({
          command: binary,
          args: [`-config=${file}`],
          ready: async () => (await rendered()).length > 0,
        });
        expect(await rendered()).toEqual(places('web'));
        await scene().run('web');
        await expect.poll(rendered, { timeout: 60_000 }).toEqual(places('web'));
      });

      test('renders a template with keys, of which there is none', async () => {
        const { folder, places } = scene();
        const target = join(folder, 'keys.conf');
        const file = join(folder, 'keys.hcl');
        const text = await snippet(scene(), 'consul.md', 'consul-template');
        const withKeys = text
          .replace('/etc/nginx/conf.d/web.conf', target)
          .replace('upstream web {', 'upstream {{ keyOrDefault "shop/name" "shop" }} {');
        await writeFile(file, withKeys);
        running = await startProcess({
          command: binary,
          args: [`-config=${file}`],
          ready: async () => (await readFile(target, 'utf8')) !== '',
        });
        const rendered = await readFile(target, 'utf8');
        expect(rendered).toContain('upstream shop {');
        expect(rendered.match(/server /g)).toHaveLength(places('web').length);
      });
    }),
);
