import { describe, expect, it, onTestFinished } from 'vitest';
import { createGateway } from '../../local/gateway.ts';
import { listen } from '../../local/listen.ts';
import { takeDown } from '../../local/outage.ts';
import type { StackOptions } from '../../local/stack.ts';
import { rollcall, type Surroundings } from '../support/rollcall.ts';
import { container, startFlow } from './stage.ts';

/** A stack with the command beside it, as a person at a terminal has both. */
const startOperated = async (options: StackOptions = {}) => {
  const flow = await startFlow(options);
  const resolver = await listen(createGateway(flow.stack.resolve));
  onTestFinished(resolver.stop);
  flow.stack.announce(resolver.url);
  const ask = (args: readonly string[], around: Surroundings = {}) =>
    rollcall([...args, '--local', '--endpoint-url', flow.stack.aws.url], around);
  return { ...flow, ask, resolverUrl: resolver.url };
};

describe('rollcall plan', () => {
  it('exits with 1 while something would be written, and with 0 once nothing would', async () => {
    const { run, settle, ask } = await startOperated();
    run();
    const before = await ask(['plan']);
    expect(before.out).toMatch(/^\+ +cloudmap +web +\S+ +\S+ +not registered yet$/m);
    expect(before.exit).toBe(1);
    await settle();
    const after = await ask(['plan', '--json']);
    expect(after.json()).toMatchObject([{ plans: [{ changes: [], unchanged: 1 }, {}, {}] }]);
    expect(after.exit).toBe(0);
  });

  it('tells the function’s own words where the cluster is none, and exits with 2', async () => {
    const { ask } = await startOperated();
    const { exit, err } = await ask(['plan', '--cluster', 'shpo']);
    expect(err).toMatch(/^rollcall: cluster: expected one in scope \(.*shop\), got shpo$/);
    expect(exit).toBe(2);
  });
});

describe('rollcall explain', () => {
  it('answers by service and by task, 0 where all is as it should be', async () => {
    const { run, settle, ask } = await startOperated();
    const { taskArn } = run();
    await settle();
    for (const subject of ['web', taskArn, taskArn.split('/').at(-1) ?? '']) {
      const { out, exit } = await ask(['explain', subject]);
      expect(out).toContain(`${taskArn}: desired RUNNING`);
      expect(out).toContain('consul: holds 1, as it should');
      expect(exit).toBe(0);
    }
  });

  it('tells of a task that ECS has forgotten what is held, why, and how to release it', async () => {
    const { run, settle, ask, stack } = await startOperated();
    const tasks = Array.from({ length: 12 }, () => run());
    await settle();
    for (const { taskArn } of tasks) stack.world.ageTask(taskArn, 7_200_000);
    await stack.reconcile.invoke();
    for (const { taskArn } of tasks) stack.world.forgetTask(taskArn);
    const id = tasks[0]?.taskArn.split('/').at(-1) ?? '';
    const next = await ask(['explain', id]);
    expect(next.out).toMatch(
      new RegExp(`^consul +web +\\S+ +${id} +the next round removes it, unless`, 'm'),
    );
    await stack.reconcile.invoke();
    const { out, json, exit } = await ask(['explain', id, '--json']);
    expect(exit, out).toBe(1);
    const { forgotten } = json() as { forgotten: { registry: string; plan?: string }[] };
    expect(forgotten.map(({ registry }) => registry).sort()).toEqual([
      'cloudmap',
      'consul',
      'eureka',
    ]);
    const people = (await ask(['explain', 'web'])).out;
    expect(people).toContain('its removal is withheld: above the delete limit');
    const [, plan = ''] = /run: rollcall release (\S+)/.exec(people) ?? [];
    expect(plan).toBe(forgotten[0]?.plan);
    expect((await ask(['release', plan])).exit).toBe(0);
    await stack.reconcile.invoke();
    expect((await ask(['explain', id])).out).not.toContain('held');
  });

  it('exits with 1 for what nobody knows', async () => {
    const { ask } = await startOperated();
    const { out, exit } = await ask(['explain', 'web-9100']);
    expect(out).toContain('ECS knows no service web-9100');
    expect(exit).toBe(1);
  });
});

describe('rollcall history', () => {
  it('tells what became of a service, and what there was before', async () => {
    const { run, settle, ask, stack } = await startOperated();
    // A Eureka that holds nothing at all may have just begun: it is not believed.
    run({ family: 'api' });
    const { taskArn } = run();
    await settle();
    const at = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    stack.world.stopTask(taskArn);
    await settle();
    const told = await ask(['history', 'web', '--registry', 'consul']);
    expect(told.out).toMatch(/^web: 2 outcomes from /);
    expect(told.out).toMatch(
      / \+ +consul +web +10\.\S+ +healthy +event \+\S+ s +\S+ +task is running$/m,
    );
    expect(told.out).toMatch(/ - +consul +web +.*task is stopping/m);
    expect(told.exit).toBe(0);
    const lines = (await ask(['history', 'web'], { columns: 80 })).out.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines).toContainEqual(
      expect.stringMatching(/^\d\d:\d\d:\d\d +\+ +consul +web +10\.\S+:\d+ +healthy$/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^ +event \+\S+ s: task is running$/));
    expect(lines).toContainEqual(expect.stringMatching(/^each: id [0-9a-f]{8}…-8080$/));
    const then = await ask(['history', 'web', '--at', at]);
    expect(then.out).toContain('3 records, 0 unknown');
    expect(then.exit).toBe(0);
    const now = await ask(['history', 'web', '--at', '0s', '--json']);
    expect(now.json()).toMatchObject({ records: [], unknown: [] });
  });

  it('exits with 1 where a write failed, and with 2 for a time that is none', async () => {
    const { run, settle, ask, stack } = await startOperated();
    takeDown(stack, 'consul');
    const { taskArn } = run();
    await settle();
    const { out, exit } = await ask(['history', taskArn]);
    expect(out).toMatch(/ ! +consul +web /);
    expect(exit).toBe(1);
    const wrong = await ask(['history', 'web', '--since', 'noon']);
    expect(wrong.err).toMatch(/since: expected 90m, 14:02 or ISO 8601 .*, got noon$/);
    expect(wrong.exit).toBe(2);
    const late = await ask(['history', 'web', '--since', '5m', '--until', '10m']);
    expect(late.err).toMatch(/since: expected a time before until/);
    expect(late.exit).toBe(2);
  });
});

describe('rollcall parity', () => {
  it('exits with 0 where Registrator wrote nothing', async () => {
    const { run, ask } = await startOperated();
    run();
    const { out, exit } = await ask(['parity']);
    expect(out).toMatch(/^0 missing, 0 different, 1 added/);
    expect(exit).toBe(0);
  });
});

describe('rollcall services and resolve', () => {
  it('show what a client finds', async () => {
    const { run, settle, ask, stack } = await startOperated();
    run();
    await settle();
    await stack.reconcile.invoke();
    expect((await ask(['services'])).out).toMatch(/^web +1 +1$/m);
    const { out, exit } = await ask(['resolve', 'web']);
    expect(out).toMatch(/^10\.\S+:\d+$/);
    expect(exit).toBe(0);
  });

  it('exit with 1 for a service that is none, and say what to ask next', async () => {
    const { ask, stack } = await startOperated();
    const { out, exit } = await ask(['resolve', 'wbe']);
    const whom = `--local --endpoint-url ${stack.aws.url}`;
    expect(out).toBe(`wbe: No service "wbe".\nwhy: rollcall explain wbe ${whom}`);
    const here = await ask(['resolve', 'wbe'], { calledBy: 'npx --no-install rollcall' });
    expect(here.out).toContain(`why: npx --no-install rollcall explain wbe ${whom}`);
    expect(exit).toBe(1);
  });

  it('refuse a name of dots, which in a URL is another path', async () => {
    const { ask } = await startOperated();
    const { err, exit } = await ask(['resolve', '..']);
    expect(err).toContain('no URL can have the path /resolve/..');
    expect(exit).toBe(2);
  });
});

describe('rollcall open', () => {
  const SECRET = 'c0rrect-horse:battery';

  it('shows the page, signed in by a ticket that works once, and never shows the token', async () => {
    const { ask, stack, resolverUrl } = await startOperated();
    await stack.redeploy({ ROLLCALL_RESOLVE_ACCESS: 'token', ROLLCALL_RESOLVE_TOKEN: SECRET });
    const ResolverTokenSecret = stack.secrets.put('rollcall-local-token', SECRET);
    stack.announce(resolverUrl, { ResolverTokenSecret });
    const seen: string[] = [];
    const { out, exit } = await ask(['open'], {
      browse: async (url) => {
        seen.push(url);
        return true;
      },
    });
    const [url = ''] = seen;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#ticket=\d+\.[\w-]{22}\.[\w-]{43}$/);
    expect(out).toBe(`opened ${url.split('#')[0]}`);
    expect([exit, url.includes(SECRET)]).toEqual([0, false]);
    const redeem = () =>
      fetch(`${url.split('#')[0]}login`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ ticket: url.split('#ticket=')[1] ?? '' }),
      });
    expect((await redeem()).status).toBe(303);
    expect((await redeem()).status).toBe(401);
    expect((await ask(['services'])).exit).toBe(0);
  });

  it.each([
    ['the one called default', { web: 'w', default: SECRET }, []],
    ['the only one', { web: SECRET }, []],
    ['the one that --client names', { web: SECRET, default: 'd' }, ['--client', 'web']],
  ])('of several tokens sends %s', async (_, tokens, args) => {
    const { ask, stack, resolverUrl } = await startOperated();
    const text = JSON.stringify(tokens);
    const environment = { ROLLCALL_RESOLVE_TOKEN: JSON.stringify({ us: SECRET }) };
    await stack.redeploy({ ROLLCALL_RESOLVE_ACCESS: 'token', ...environment });
    const ResolverTokenSecret = stack.secrets.put('rollcall-local-token', text);
    stack.announce(resolverUrl, { ResolverTokenSecret });
    expect(await ask(['services', ...args])).toMatchObject({ exit: 0, err: '' });
    expect((await ask(['resolve', 'web', ...args])).out).toContain('No service "web"');
    const [page = '', ticket = ''] = (await ask(['open', ...args])).out.split('#ticket=');
    const body = new URLSearchParams({ ticket });
    const { status } = await fetch(`${page}login`, { method: 'POST', redirect: 'manual', body });
    expect(status).toBe(303);
  });

  it('sends none where several are there and none is named, or a name that is none', async () => {
    const { ask, stack, resolverUrl } = await startOperated();
    const text = JSON.stringify({ web: SECRET, batch: 'b' });
    stack.announce(resolverUrl, { ResolverTokenSecret: stack.secrets.put('token', text) });
    for (const [args, got] of [
      [['services'], 'none'],
      [['resolve', 'web'], 'none'],
      [['open', '--client', 'wbe'], 'wbe'],
    ] as const) {
      const { err, exit } = await ask(args);
      expect(err).toBe(
        `rollcall: --client: expected whose token is to be sent, one of web, batch, got ${got}`,
      );
      expect(exit).toBe(2);
    }
  });

  it('prints the address where there is no browser', async () => {
    const { ask } = await startOperated();
    const { out, exit } = await ask(['open']);
    expect(out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(exit).toBe(0);
  });
});

describe('rollcall purge', () => {
  it('removes nothing without --yes, and all with it', async () => {
    const { run, settle, ask, stack, places } = await startOperated();
    run();
    await settle();
    const dry = await ask(['purge']);
    expect(dry.out).toMatch(/^consul +1 +1 +-$/m);
    expect([dry.exit, (await places()).consul.length]).toEqual([0, 1]);
    const refused = await ask(['purge', '--yes']);
    expect(refused.err).toMatch(/expected observe before a purge, got sync/);
    expect(refused.exit).toBe(3);
    await stack.redeploy({ ROLLCALL_POLICY: 'observe' });
    const done = await ask(['purge', '--yes', '--by', 'Ada']);
    expect(done.out).toMatch(/^consul +1 +0 +-$/m);
    expect([done.exit, await places()]).toEqual([0, { cloudmap: [], consul: [], eureka: [] }]);
  });
});

describe('rollcall reconcile and release', () => {
  it('tell what is withheld, and let it through by its plan', async () => {
    const { run, settle, ask, stack, places } = await startOperated();
    const tasks = Array.from({ length: 12 }, () => run());
    await settle();
    for (const { taskArn } of tasks) stack.world.ageTask(taskArn, 7_200_000);
    await stack.reconcile.invoke();
    for (const { taskArn } of tasks) stack.world.forgetTask(taskArn);
    const round = await ask(['reconcile']);
    expect(round.out).toMatch(/withheld in \S+shop: 36 removals; .* rollcall release [0-9a-z]+/);
    expect(round.exit).toBe(1);
    const told = await ask(['release', '--json']);
    expect(told.exit).toBe(1);
    const [{ plan = '' } = {}] = told.json() as { plan?: string }[];
    const none = await ask(['release', 'none']);
    expect(none.err).toMatch(/^rollcall: release: expected a plan that the last .*, got none$/);
    expect(none.exit).toBe(2);
    expect((await ask(['release', plan])).exit).toBe(0);
    expect((await ask(['reconcile'])).exit).toBe(0);
    expect((await places()).consul).toEqual([]);
    expect((await ask(['release'])).out).toBe('nothing is withheld');
  });
});

describe('rollcall doctor', () => {
  it('has every function asked what it reaches, and finds nothing amiss where all is well', async () => {
    const { run, settle, ask, stack } = await startOperated();
    run();
    await settle();
    await stack.reconcile.invoke();
    const { out, exit } = await ask(['doctor']);
    for (const name of ['on-task-event', 'reconcile', 'renew', 'operate', 'inspect'])
      for (const registry of ['cloudmap', 'consul', 'eureka'])
        expect(out).toMatch(new RegExp(`^${name} +${registry} +\\d+$`, 'm'));
    expect(out).toMatch(/^resolve +cloudmap +\d+$/m);
    expect(out).toMatch(/^on-task-event +ecs +\d+$/m);
    expect(out).not.toMatch(/^(renew|operate) +ecs /m);
    expect(out).toContain('nothing is amiss');
    expect(out).toContain('Cloud Map: 1 instance in 1 service');
    expect(exit).toBe(0);
  });

  it('writes nothing, neither to AWS nor to a registry', async () => {
    const { ask, stack } = await startOperated();
    stack.aws.clearCalls();
    await ask(['doctor']);
    const operations = stack.aws.calls().map(({ operation }) => operation);
    expect(operations).toContain('DescribeTasks');
    expect(operations.filter((one) => !/^(Describe|List|Get|Discover|Invoke)/.test(one))).toEqual(
      [],
    );
    expect([stack.consul?.writes(), stack.eureka?.writes()]).toEqual([0, 0]);
  });

  it('tells the worst first: a registry that cannot be reached before what is withheld', async () => {
    const { run, settle, ask, stack } = await startOperated();
    const tasks = Array.from({ length: 12 }, () => run());
    await settle();
    for (const { taskArn } of tasks) stack.world.ageTask(taskArn, 7_200_000);
    await stack.reconcile.invoke();
    for (const { taskArn } of tasks) stack.world.forgetTask(taskArn);
    await stack.reconcile.invoke();
    takeDown(stack, 'consul', 'error');
    const { json, exit } = await ask(['doctor', '--json']);
    const { findings } = json() as { findings: { harm: string; what: string; remedy: string }[] };
    const [first] = findings;
    expect(first).toMatchObject({
      harm: 'broken',
      what: expect.stringContaining('does not reach consul'),
    });
    const withheld = findings.find(({ what }) => what.includes('withheld'));
    expect(withheld).toMatchObject({
      harm: 'look',
      what: expect.stringMatching(/^24 removals are withheld/),
    });
    expect(withheld?.remedy).toMatch(/rollcall release [0-9a-z]+$/);
    expect(exit).toBe(1);
  });

  it('tells a name that several have, with its owners and what to do, before what is withheld', async () => {
    const { run, settle, ask, stack } = await startOperated();
    stack.world.addCluster('stage');
    const tasks = Array.from({ length: 12 }, () => run());
    run({}, { cluster: 'stage', launchType: 'FARGATE' });
    await settle();
    for (const { taskArn } of tasks.slice(1)) stack.world.ageTask(taskArn, 7_200_000);
    await stack.reconcile.invoke();
    for (const { taskArn } of tasks.slice(1)) stack.world.forgetTask(taskArn);
    await stack.reconcile.invoke();
    const says = 'web is the name of shop/web and stage/web: clients get all of them';
    const { json, exit } = await ask(['doctor', '--json']);
    const { findings } = json() as { findings: { harm: string; what: string; remedy: string }[] };
    expect(findings.map(({ harm }) => harm)).toEqual(['at risk', 'look']);
    expect(findings[0]).toMatchObject({
      what: says,
      remedy: expect.stringContaining('add to the parameter names: web=shop/web+stage/web'),
    });
    expect(exit).toBe(1);
    expect((await ask(['plan', '--cluster', 'shop'])).out).toContain(says);
    expect((await ask(['explain', 'web'])).out).toContain(says);
    await stack.redeploy({ ROLLCALL_NAMES: 'web=shop/web+stage/web' });
    await stack.reconcile.invoke();
    expect((await ask(['doctor'])).out).not.toContain('is the name of');
  });

  it('says which function cannot start, and in which words', async () => {
    const { ask, stack } = await startOperated();
    await stack.redeploy({ ROLLCALL_MODE: 'sometimes' });
    const { out, exit } = await ask(['doctor']);
    expect(out).toMatch(/^broken +on-task-event does not answer: .*ROLLCALL_MODE: expected /m);
    expect(exit).toBe(1);
  });

  it('finds rounds that do not come', async () => {
    const { ask, stack } = await startOperated();
    await stack.reconcile.invoke();
    const { out } = await ask(['doctor'], { now: () => Date.now() + 600_000 });
    expect(out).toMatch(/^broken +the last round was 10 minutes ago/m);
  });
});

describe('rollcall doctor --smoke', () => {
  const withDefinition = async () => {
    const operated = await startOperated();
    const { stack, settle } = operated;
    stack.world.registerTaskDefinition({ family: 'smoke', containerDefinitions: [container()] });
    const sleep = async () => {
      stack.world.advanceAll();
      await settle();
    };
    const args = ['doctor', '--smoke', 'smoke', '--cluster', 'shop'];
    return { ...operated, args, sleep };
  };

  it('follows one task into every registry and out again, and stops it', async () => {
    const { ask, args, sleep, stack, places } = await withDefinition();
    const { out, exit } = await ask(args, { sleep });
    for (const registry of ['cloudmap', 'consul', 'eureka']) {
      expect(out).toMatch(new RegExp(`^in ${registry} +\\d+\\.\\d$`, 'm'));
      expect(out).toMatch(new RegExp(`^out of ${registry} +\\d+\\.\\d$`, 'm'));
    }
    expect(exit).toBe(0);
    expect(stack.world.tasks().map(({ desiredStatus }) => desiredStatus)).toEqual(['STOPPED']);
    expect(await places()).toEqual({ cloudmap: [], consul: [], eureka: [] });
  });

  it('stops the task where somebody ends it before', async () => {
    const { ask, args, stack } = await withDefinition();
    const controller = new AbortController();
    const sleep = async () => controller.abort();
    await ask(args, { sleep, signal: controller.signal });
    expect(stack.world.tasks().map(({ desiredStatus }) => desiredStatus)).toEqual(['STOPPED']);
  });

  it('stops it too where nothing comes of it, and says why', async () => {
    const { ask, args, sleep, stack } = await withDefinition();
    await stack.redeploy({ ROLLCALL_POLICY: 'observe' });
    let clock = Date.now();
    const hasty = async () => {
      clock += 60_000;
      await sleep();
    };
    const { out, exit } = await ask(args, { sleep: hasty, now: () => clock });
    expect(out).toContain('not in consul within 300 s');
    expect(exit).toBe(1);
    expect(stack.world.tasks().map(({ desiredStatus }) => desiredStatus)).toEqual(['STOPPED']);
  });

  it('runs nothing of a definition that does not exist, or publishes no port', async () => {
    const { ask, stack } = await withDefinition();
    stack.world.registerTaskDefinition({
      family: 'bare',
      containerDefinitions: [container({ portMappings: [] })],
    });
    const smoke = (name: string) => ask(['doctor', '--smoke', name, '--cluster', 'shop']);
    expect((await smoke('nope')).err).toContain('there is no task definition nope');
    expect((await smoke('bare')).err).toContain(
      'expected a definition that publishes a port, got bare',
    );
    expect(stack.world.tasks()).toEqual([]);
  });
});

describe('a command', () => {
  it('says how to start the local run where none runs', async () => {
    const { err, exit } = await rollcall([
      'plan',
      '--local',
      '--endpoint-url',
      'http://127.0.0.1:9',
    ]);
    expect(err).toMatch(
      /^rollcall: nothing answers at http:\/\/127\.0\.0\.1:9: start the local run/,
    );
    expect(exit).toBe(3);
  });

  it('says which stack is missing, and where', async () => {
    const { ask } = await startOperated();
    const { err, exit } = await ask(['plan', '--stack', 'rollcall-prod']);
    expect(err).toMatch(/^rollcall: there is no stack rollcall-prod in eu-central-1/);
    expect(exit).toBe(3);
  });

  it('guesses no region', async () => {
    const env = { AWS_CONFIG_FILE: '/nowhere' };
    const { err, exit } = await rollcall(['plan', '--region', 'frankfurt'], { env });
    expect(err).toMatch(/^rollcall: "frankfurt" is no region: expected one as eu-central-1/);
    expect(exit).toBe(2);
  });

  it('says in one line what a function that cannot start says', async () => {
    const { ask, stack } = await startOperated();
    await stack.redeploy({ ROLLCALL_PROFILE: 'kubernetes' });
    const { err, exit } = await ask(['plan']);
    expect(err).toMatch(/^rollcall: .*ROLLCALL_PROFILE: expected .*$/);
    expect(exit).toBe(3);
  });
});
