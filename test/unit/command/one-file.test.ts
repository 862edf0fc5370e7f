import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleCommand } from '../../../scripts/bundle/command.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-command-'));
  await bundleCommand(join(folder, 'rollcall.mjs'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (args: readonly string[], before: readonly string[] = []) =>
  promisify(execFile)(process.execPath, [...before, join(folder, 'rollcall.mjs'), ...args], {
    env: { AWS_CONFIG_FILE: join(folder, 'none'), HOME: folder },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );

/** A Node that says of itself that it is another one. */
const asNode = (version: string) => {
  const versions = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  return ['--import', `data:text/javascript,${encodeURIComponent(versions)}`];
};

describe('the command as one file', () => {
  it('runs where nothing but Node is', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('explain <task|service>');
  });

  it('has the clients that it asks AWS with', async () => {
    const args = ['plan', '--local', '--endpoint-url', 'http://127.0.0.1:9'];
    const { code, stderr } = await run(args);
    expect(stderr).toMatch(/^rollcall: nothing answers at http:\/\/127\.0\.0\.1:9: /);
    expect(code).toBe(3);
  });

  it.each(['20.20.2', '18.0.0'])(
    'says under Node %s which it needs, and exits with 2',
    async (version) => {
      const { code, stdout, stderr } = await run(['plan'], asNode(version));
      expect(stderr).toMatch(
        new RegExp(`^rollcall: expected Node 22 or newer, got ${version}: .*\n$`),
      );
      expect([code, stdout]).toEqual([2, '']);
    },
  );

  it('takes Node 22', async () => {
    expect((await run(['--help'], asNode('22.0.0'))).code).toBe(0);
  });
});
