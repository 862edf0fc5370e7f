import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startConsul } from '../../local/consul.ts';
import { shapeFaults } from '../support/log.ts';
import { fencesOf } from '../unit/docs/fences.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/resolver.ts', import.meta.url));

/** As `npm run resolver` runs it. */
const start = (environment: Readonly<Record<string, string>>) => {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  const child = spawn(process.execPath, [SCRIPT], {
    env: { PATH, NODE_COMPILE_CACHE, ...environment },
  });
  const lines: Record<string, unknown>[] = [];
  child.stdout.on('data', (chunk) => {
    for (const line of String(chunk).trim().split('\n')) lines.push(JSON.parse(line));
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, code, lines };
};

const SETTINGS = {
  ROLLCALL_REGISTRIES: 'consul',
  ROLLCALL_OWNER: 'test',
  ROLLCALL_RESOLVE_ACCESS: 'open',
  ROLLCALL_RESOLVE_WAIT: '600',
};

describe('npm run resolver', () => {
  it('answers on its port, holds blocking queries, and ends them and itself on SIGTERM', async () => {
    const consul = await startConsul();
    onTestFinished(() => consul.stop());
    const run = start({ ...SETTINGS, CONSUL_HTTP_ADDR: consul.url, ROLLCALL_PORT: '0' });
    await expect
      .poll(() => run.lines)
      .toContainEqual(
        expect.objectContaining({
          message: 'listening',
          host: 'all',
          from: 'consul',
          access: 'open',
        }),
      );
    const url = `http://127.0.0.1:${run.lines[0]?.['port']}`;
    expect((await fetch(`${url}/health`)).status).toBe(200);

    const first = await fetch(`${url}/v1/catalog/services`);
    const index = first.headers.get('x-consul-index');
    const held = fetch(`${url}/v1/catalog/services?index=${index}&wait=10m`);
    // What comes after it on the same loop has an answer only once the held one has been taken in.
    await fetch(`${url}/health`);
    run.child.kill('SIGTERM');
    const answer = await held;
    expect([answer.status, answer.headers.get('x-consul-index')]).toEqual([200, index]);
    expect(await run.code).toBe(0);
  });

  it('needs no more than the line of the docs says', async () => {
    const page = await readFile(new URL('../../docs/resolver-process.md', import.meta.url), 'utf8');
    const line = fencesOf(page).find(({ about }) => about === 'try')?.text ?? '';
    const said = Object.fromEntries(
      [...line.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, key = '', value]) => [key, value]),
    );
    const consul = await startConsul();
    onTestFinished(() => consul.stop());
    const run = start({
      ...said,
      CONSUL_HTTP_ADDR: consul.url,
      ROLLCALL_HOST: '127.0.0.1',
      ROLLCALL_PORT: '0',
    });
    await expect.poll(() => run.lines).toMatchObject([{ message: 'listening' }]);
    const answer = await fetch(`http://127.0.0.1:${run.lines[0]?.['port']}/services`);
    expect([line.trim().endsWith('npm run resolver'), answer.status]).toEqual([true, 200]);
  });

  it('writes lines of the functions’ shape, with an id of its own for each request', async () => {
    const consul = await startConsul();
    onTestFinished(() => consul.stop());
    consul.faults.inject({ status: 500, times: Number.POSITIVE_INFINITY });
    const run = start({ ...SETTINGS, CONSUL_HTTP_ADDR: consul.url, ROLLCALL_PORT: '0' });
    await expect.poll(() => run.lines).toMatchObject([{ message: 'listening' }]);
    const url = `http://127.0.0.1:${run.lines[0]?.['port']}`;
    for (const path of ['/services', '/services/web'])
      expect((await fetch(`${url}${path}`)).status).toBe(503);
    const failures = () => run.lines.filter(({ level }) => level === 'warn');
    await expect.poll(failures).toHaveLength(2);
    expect(failures().flatMap(shapeFaults)).toEqual([]);
    expect(new Set(failures().map((line) => line['requestId'])).size).toBe(2);
    // This one is of no request.
    expect(run.lines[0]).toMatchObject({ time: expect.any(String), level: 'info', from: 'consul' });
  });

  it.each([
    ['ROLLCALL_PORT', '70000'],
    ['ROLLCALL_LOG_LEVEL', 'loud'],
    // Nobody would check a signature here, and everybody would be answered.
    ['ROLLCALL_RESOLVE_ACCESS', 'iam'],
  ])('says what is wrong with its settings, and ends: %s=%s', async (name, value) => {
    const run = start({
      ...SETTINGS,
      CONSUL_HTTP_ADDR: '127.0.0.1:9',
      ROLLCALL_PORT: '0',
      [name]: value,
    });
    expect(await run.code).toBe(1);
    expect(run.lines).toMatchObject([
      {
        time: expect.any(String),
        level: 'error',
        error: expect.stringContaining(`${name}: expected`),
      },
    ]);
  });
});
