import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startConsul } from '../../local/consul.ts';

const START = fileURLToPath(new URL('../../local/start.ts', import.meta.url));
const WATCH = new URL('../models/watch-process.ts', import.meta.url).href;
const VIRTUAL = new URL('../support/virtual-process.ts', import.meta.url).href;
const EVENTS = fileURLToPath(new URL('../fixtures/events/', import.meta.url));
const RECORDINGS = fileURLToPath(new URL('../fixtures/recordings/', import.meta.url));

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly code: Promise<number | null>;
}

/** `npm start -- args` without a terminal. */
const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Run => {
  // The story talks to nobody outside its process, so its time need not be ours.
  const loaded = args.includes('--once') ? [WATCH, VIRTUAL] : [WATCH];
  const options = loaded.flatMap((module) => ['--import', module]);
  const child = spawn(process.execPath, [...options, START, ...args], {
    env: { ...process.env, ...env },
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  // The next test may want the same ports.
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await code;
  });
  return { child, output: () => text, code };
};

const finished = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const run = start(args, env);
  return { code: await run.code, output: run.output() };
};

const urlOf = (what: string, run: Run) =>
  expect
    .poll(run.output)
    .toMatch(new RegExp(`^  ${what} +http`, 'm'))
    .then(() => new RegExp(`^  ${what} +(http://[^ /]+)`, 'm').exec(run.output())?.[1] ?? '');

/** Action, body, and what is said of it. */
const REFUSED = [
  ['nonsense', '', '404 expected /control/ and one of start'],
  ['scale', '{"service"', '400 body: expected JSON, got {"service"'],
  ['scale', '[]', '400 body: expected a JSON object'],
  ['scale', '{"service":"portal"}', '400 count: expected a whole number from 0 to 50, got nothing'],
  [
    'scale',
    '{"service":"shop","count":1}',
    '400 service: expected one of portal, stock-price, weather',
  ],
  [
    'scale',
    '{"service":"portal","cuont":1}',
    '400 cuont: unknown here; expected only service, count',
  ],
  ['kill', '{}', '400 task or service: expected one of them, got neither'],
  ['kill', '{"task":"0000"}', '400 task: expected the id of one running task, got 0000'],
  ['kill-container', '{"service":"portal"}', '400 container: expected a text, got nothing'],
  [
    'kill-container',
    '{"service":"portal","container":"metrics"}',
    '400 container: expected one that runs in a task of portal, got metrics',
  ],
  [
    'health',
    '{"service":"weather","healthy":"no"}',
    '400 healthy: expected true or false, got "no"',
  ],
  [
    'down',
    '{"registry":"consul","how":"slow"}',
    '400 how: expected one of error, hang, got "slow"',
  ],
  [
    'policy',
    '{"policy":"off"}',
    '400 policy: expected one of observe, create-only, upsert-only, sync',
  ],
  ['reconcile', '{"now":true}', '400 now: unknown here; expected an empty body'],
  ['inspect', '{"command":"explain","service":"shop"}', '404 ECS knows no service shop'],
  [
    'operate',
    '{"command":"release","plan":"a"}',
    '400 release: expected a plan that the last reconcile withheld',
  ],
] as const;

describe('npm start', () => {
  it('tells the whole story unattended, whatever the user has exported', async () => {
    const { code, output } = await finished(['--once'], {
      AWS_PROFILE: 'production',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      CONSUL_HTTP_ADDR: '127.0.0.1:9',
      EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: 'http://127.0.0.1:9/eureka/',
      ROLLCALL_POLICY: 'observe',
    });
    expect(output).toContain('13 of 13 steps ok');
    expect(output).not.toContain('\u001b[');
    expect(code).toBe(0);
  });

  it('runs without a terminal, obeys its control port, and ends cleanly on SIGTERM', async () => {
    const run = start([]);
    const [control, resolver] = await Promise.all([urlOf('control', run), urlOf('resolver', run)]);
    const post = (name: string, body: object) =>
      fetch(`${control}/control/${name}`, { method: 'POST', body: JSON.stringify(body) });

    await expect.poll(async () => (await fetch(`${resolver}/resolve/portal`)).status).toBe(200);
    expect((await post('start', { service: 'portal' })).status).toBe(200);
    const portals = async () => {
      const answer = await fetch(`${resolver}/services/portal`);
      const { instances }: { instances?: readonly unknown[] } = JSON.parse(await answer.text());
      return instances?.length;
    };
    await expect.poll(portals).toBe(3);
    expect(
      await (await post('inspect', { command: 'explain', service: 'portal' })).text(),
    ).toContain('as it should');
    const killed = await post('kill-container', { service: 'stock-price', container: 'metrics' });
    expect([killed.status, await killed.text()]).toEqual([200, expect.stringContaining('runs on')]);
    expect(await (await post('status', {})).text()).toContain('metrics STOPPED');
    const refused = await post('down', { registry: 'etcd' });
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining('registry: expected'),
    ]);
    const fromPage = await fetch(`${control}/control/status`, {
      method: 'POST',
      headers: { origin: 'http://evil.example' },
    });
    expect(fromPage.status).toBe(403);

    run.child.kill('SIGTERM');
    expect(await run.code).toBe(0);
  });

  it('refuses at its control port what it cannot do, naming what it expected', async () => {
    const run = start([]);
    const control = await urlOf('control', run);
    const post = async (name: string, body: string) => {
      const answer = await fetch(`${control}/control/${name}`, { method: 'POST', body });
      return `${answer.status} ${(await answer.text()).trim()}`;
    };
    const answers = await Promise.all(
      REFUSED.map(async ([name, body]) => [name, body, await post(name, body)]),
    );
    expect(answers).toEqual(
      REFUSED.map(([name, body, said]) => [name, body, expect.stringContaining(said)]),
    );
    expect(await post('release', '')).toBe('400 nothing is withheld now');
  });

  it('takes other ports where its own are taken', async () => {
    const taken = createServer();
    // Where somebody else has it already, all the better.
    await new Promise<void>((done) =>
      taken.once('error', () => done()).listen(18_080, '127.0.0.1', done),
    );
    onTestFinished(() => void taken.close());
    const run = start([]);
    const resolver = await urlOf('resolver', run);
    expect(resolver).not.toContain(':18080');
    expect(run.output()).toMatch(/^18080\b.* in use: others were taken$/m);
    await expect.poll(async () => (await fetch(`${resolver}/health`)).status).toBe(200);
  });

  it('ends when nobody reads any more', async () => {
    const run = start([]);
    await urlOf('resolver', run);
    run.child.stdout?.destroy();
    expect(await run.code).toBe(0);
  });

  it('refuses unknown flags with the list, and --real without a registry', async () => {
    const unknown = await finished(['--onec']);
    expect([unknown.code, unknown.output]).toEqual([
      2,
      expect.stringMatching(/--onec[\s\S]*--once/),
    ]);
    const none = { CONSUL_HTTP_ADDR: '', EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: '' };
    expect((await finished(['--real'], none)).output).toContain(
      'expected CONSUL_HTTP_ADDR or EUREKA',
    );
  });

  it.each([
    ['CONSUL_HTTP_ADDR', '127.0.0.1:9', 'Consul at http://127.0.0.1:9 cannot be used: '],
    ['CONSUL_HTTP_ADDR', 'foo bar', 'CONSUL_HTTP_ADDR: expected an http or https address'],
    [
      'EUREKA_CLIENT_SERVICEURL_DEFAULTZONE',
      'http://jo:secret@127.0.0.1:9/eureka',
      'Eureka at http://127.0.0.1:9/eureka cannot be used: ',
    ],
  ])(
    'refuses with --real what %s names and nobody answers at, in words',
    async (name, value, said) => {
      const none = { CONSUL_HTTP_ADDR: '', EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: '' };
      const { code, output } = await finished(['--real'], { ...none, [name]: value });
      expect(output).toContain(`--real: `);
      expect(output).toContain(said);
      expect(output).not.toMatch(/secret|\bat file:|node:internal/);
      expect(code).toBe(2);
    },
  );

  it('fills a registry of the user’s own with --real, and leaves nothing in it', async () => {
    const consul = await startConsul();
    onTestFinished(() => consul.stop());
    const run = start(['--real'], {
      CONSUL_HTTP_ADDR: consul.url,
      EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: '',
    });
    const services = async () =>
      Object.keys(Object(await (await fetch(`${consul.url}/v1/catalog/services`)).json()));
    await expect.poll(services).toContain('stock-price');
    expect(run.output()).toContain(`Consul    ${consul.url} (yours;`);
    run.child.kill('SIGTERM');
    expect(await run.code).toBe(0);
    expect(run.output()).toMatch(/^Goodbye: /m);
    expect(await services()).not.toContain('stock-price');
  });
});

describe('npm start -- --event', () => {
  it('says what a running task would be registered as, and what was assumed', async () => {
    const { code, output } = await finished(['--event', `${EVENTS}task-ec2-bridge-running.json`]);
    expect(output).toContain(
      'Assumed: the task definition, made up from the event: bridge, api 8080/tcp 8125/udp',
    );
    expect(output).toContain(
      'would register api-blue at 192.0.2.1:32769 in cloudmap, consul, eureka (as API-BLUE): not registered yet',
    );
    expect(output.match(/ROLLCALL_OWNER=preview/g)).toHaveLength(1);
    expect(code).toBe(0);
  });

  it('says what labels make of a task, and what each registry alone would get', async () => {
    const { code, output } = await finished(['--event', `${RECORDINGS}orders-with-labels.json`]);
    expect(output).toContain(
      'would register orders at 10.0.12.34:32771 in cloudmap, consul, eureka (as ORDERS)',
    );
    expect(output).toMatch(
      /^ {4}eureka: .*vip orders, .*securePort 32772, .*management\.port=32773\b/m,
    );
    expect(output).toMatch(
      /^ {4}consul: .*probeTarget http:\/\/10\.0\.12\.34:32771\/actuator\/health/m,
    );
    expect(output).not.toContain('Assumed');
    expect(code).toBe(0);
  });

  it('says what a stopping task would lose', async () => {
    const { output } = await finished(['--event', `${EVENTS}task-fargate-spot-interruption.json`]);
    expect(output).toContain(
      'would remove worker, where it is held, in cloudmap, consul, eureka (as WORKER)',
    );
  });

  it('says of an event that the rules hold back that nothing would come of it', async () => {
    const { code, output } = await finished(['--event', `${EVENTS}task-ec2-pending.json`]);
    expect(output).toContain('rules do not pass this event on');
    expect(output).toContain('Nothing would be registered');
    expect(code).toBe(1);
  });

  it('names the field of a malformed event, and the fault of a file', async () => {
    const event = await finished(['--event', `${EVENTS}task-fargate-spot-snippet.json`]);
    expect([event.code, event.output]).toEqual([
      3,
      expect.stringContaining('the event cannot be handled: event.time'),
    ]);
    const file = await finished(['--event', '/nowhere.json']);
    expect([file.code, file.output]).toEqual([
      2,
      'rollcall: /nowhere.json: there is no such file\n',
    ]);
    const folder = await finished(['--event', EVENTS]);
    expect([folder.code, folder.output]).toEqual([
      2,
      `rollcall: ${EVENTS}: expected a file, got a directory\n`,
    ]);
  });
});
