import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { venvPython } from '../../scripts/real/venv.ts';
import { type Scene, startScene } from './clients/scene.ts';
import { withReal } from './real.ts';

const CONFIG = fileURLToPath(new URL('./openapi/schemathesis.toml', import.meta.url));
const PATIENCE = 900_000;

/**
 * Requests of every kind of each operation, most of them hostile; so many random ones besides the
 * systematic ones.
 */
const RANDOM = 15;
/** Another finds other things: a failure here is the same one on every machine. */
const SEED = 20_26;

const python = () =>
  venvPython('schemathesis-4.32.5', ['schemathesis==4.32.5', 'openapi-spec-validator==0.9.0']);

/** In a folder of its own: schemathesis leaves there what it would replay. */
const output = async (command: string, args: readonly string[], cwd: string) => {
  const ended = await promisify(execFile)(command, args, { cwd, maxBuffer: 1e8 }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout, stderr }) => ({ code, stdout: `${stdout}${stderr}` }),
  );
  return ended.code === 0 ? 'found nothing' : ended.stdout;
};

await withReal('schemathesis 4.32.5', python, (venv) =>
  describe('the OpenAPI document', { timeout: PATIENCE }, () => {
    let scene: Scene;
    beforeAll(async () => {
      // A random index would hold its request for as long as it may be held.
      scene = await startScene({ ROLLCALL_RESOLVE_WAIT: '1' });
      for (const service of ['web', 'web', 'api']) await scene.run(service);
    }, PATIENCE);
    afterAll(() => scene?.stop());

    test('is valid OpenAPI 3.1', async () => {
      const { url, token, folder } = scene;
      const answer = await fetch(`${url}/openapi.json`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const file = `${folder}/openapi.json`;
      await writeFile(file, await answer.text());
      expect(await output(venv, ['-m', 'openapi_spec_validator', file], folder)).toBe(
        'found nothing',
      );
    });

    test('is true: schemathesis finds nothing', async () => {
      const { url, token, folder } = scene;
      const run = ['--config-file', CONFIG, 'run', `${url}/openapi.json`, '--continue-on-failure'];
      const auth = ['-H', `Authorization: Bearer ${token}`];
      const amount = [
        '-n',
        String(RANDOM),
        '--seed',
        String(SEED),
        '--generation-database',
        'none',
      ];
      const phases = ['--phases', 'examples,coverage,fuzzing', '--max-redirects', '0'];
      const args = ['-m', 'schemathesis.cli', ...run, ...auth, ...amount, ...phases];
      expect(await output(venv, args, folder)).toBe('found nothing');
    });
  }),
);
