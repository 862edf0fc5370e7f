import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { npmClients } from '../../../scripts/real/clients/npm.ts';
import { withReal } from '../real.ts';
import { expectFollowing } from './follow.ts';
import { snippet } from './snippets.ts';
import { withScene } from './with-scene.ts';

await withReal('npm eureka-js-client 4.5.0', npmClients, (folder) =>
  withScene('the program of the docs, by npm eureka-js-client 4.5.0', (scene) => {
    test('tells of each change, keeps what it has through an outage, and sees the end', async () => {
      const file = join(folder, `poll-${process.pid}.js`);
      const text = await snippet(scene(), 'eureka.md', 'poll');
      await writeFile(
        file,
        text.replace('registryFetchInterval: 30_000', 'registryFetchInterval: 500'),
      );
      await expectFollowing(scene(), {
        command: process.execPath,
        args: [file],
        environment: { ROLLCALL_TOKEN: scene().token },
        placesIn: (line) => JSON.parse(line),
      });
    });
  }),
);
