import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = resolve(import.meta.dirname, '../../../docs/recipes/reload-haproxy.sh');
const run = promisify(execFile);

const hasJq = await run('jq', ['--version']).then(
  () => true,
  () => false,
);

let folder: string;
const file = (name: string) => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-haproxy-'));
  await mkdir(file('bin'));
  await writeFile(file('haproxy.cfg'), 'frontend in\n');
  await standIn('curl', `printf '%s\\n' "$@" >"${file('asked')}"; cat "${file('answer')}"`);
  await standIn('haproxy', `[ ! -e "${file('refused')}" ]`);
  await standIn('systemctl', `echo "$@" >>"${file('reloads')}"`);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const standIn = async (name: string, body: string) => {
  await writeFile(file(`bin/${name}`), `#!/usr/bin/env bash\n${body}\n`);
  await chmod(file(`bin/${name}`), 0o755);
};

const once = async (instances: readonly object[] | undefined) => {
  const answer = instances ? JSON.stringify({ name: 'web', instances }) : '{"status":503}';
  await writeFile(file('answer'), answer);
  return start(['once']);
};

const start = (args: readonly string[], more: Record<string, string> = {}) =>
  run(SCRIPT, args, {
    timeout: 20_000,
    env: {
      PATH: `${file('bin')}:${process.env['PATH']}`,
      RESOLVER: 'https://resolver',
      TOKEN: 't0ken',
      SERVICE: 'web',
      BACKENDS: file('rollcall.cfg'),
      CONFIG: file('haproxy.cfg'),
      ...more,
    },
  }).then(
    () => 'done',
    () => 'failed',
  );

const read = (name: string) => readFile(file(name), 'utf8').catch(() => '');
const web = (more: object = {}) => ({
  id: 'ab12-8080-x',
  address: '10.0.0.1',
  port: 8080,
  weight: 1,
  ...more,
});

describe.runIf(hasJq)('the recipe for HAProxy', () => {
  it('writes the healthy instances of the service, and reloads', async () => {
    expect(await once([web({ id: 'b', address: '2001:db8::1', weight: 300 }), web()])).toBe('done');
    expect(await read('rollcall.cfg')).toBe(
      'backend web\n  server ab12-8080-x 10.0.0.1:8080 weight 1\n  server b [2001:db8::1]:8080 weight 256\n',
    );
    expect(await read('asked')).toContain('https://resolver/services/web?healthy=true');
    expect(await read('asked')).toContain('Authorization: Bearer t0ken');
    expect(await read('reloads')).toBe('reload haproxy\n');
  });

  it('reloads only where something is different', async () => {
    await once([web()]);
    await once([web()]);
    expect(await read('reloads')).toBe('reload haproxy\n');
    await once([web({ port: 9 })]);
    expect(await read('reloads')).toBe('reload haproxy\nreload haproxy\n');
  });

  it('leaves all as it was where nothing is healthy, nothing answers, or HAProxy refuses it', async () => {
    await once([web()]);
    const before = await read('rollcall.cfg');
    expect(await once([])).toBe('failed');
    expect(await once(undefined)).toBe('failed');
    await writeFile(file('refused'), '');
    expect(await once([web({ port: 9 })])).toBe('failed');
    expect(await read('rollcall.cfg')).toBe(before);
    expect(await read('reloads')).toBe('reload haproxy\n');
  });

  it('writes no line that an id or an address makes up', async () => {
    await once([web({ id: 'a\nbackend evil' }), web({ id: 'b', address: '10.0.0.2\nserver x' })]);
    expect(await read('rollcall.cfg')).toBe(
      'backend web\n  server a_backend_evil 10.0.0.1:8080 weight 1\n',
    );
  });

  it('takes events from the queue only once they are made true', async () => {
    const message = '{"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":"{}"}]}';
    await writeFile(file('answer'), JSON.stringify({ instances: [web()] }));
    // One message; then the queue fails, and the script would wait, which ends it.
    await standIn(
      'aws',
      `echo "$2 $*" >>"${file('calls')}"
       if [ "$2" = receive-message ]; then
         [ -e "${file('given')}" ] && exit 1
         touch "${file('given')}"; echo '${message}'
       fi`,
    );
    await standIn('sleep', 'kill $PPID');
    await start([], { QUEUE_URL: 'https://queue' });
    const calls = (await read('calls')).split('\n').map((line) => line.split(' ')[0]);
    expect(calls.slice(0, 3)).toEqual([
      'receive-message',
      'delete-message-batch',
      'receive-message',
    ]);
    expect(await read('calls')).toContain('[{"Id":"m","ReceiptHandle":"r"}]');
  });
});
