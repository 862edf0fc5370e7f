import { REGISTRY_NAMES, type RegistryName } from '../../shared/model/registration.ts';
import type { Member } from '../cluster/cluster.ts';
import { forgetService, withheldPlan } from '../forgetting.ts';
import { bringUp, takeDown } from '../outage.ts';
import { type Stage, Unexpected } from './stage.ts';

/** One thing that must be so; `run` throws where it is not. */
export interface Step {
  readonly title: string;
  readonly run: (stage: Stage) => Promise<void>;
}

export const STEPS: readonly Step[] = [
  { title: 'every running task is in all three registries, each of its ports under its name', run: start },
  { title: 'the resolver names an instance of stock-price, and that address answers', run: resolve },
  { title: "the portal shows the two others' answers, found through the resolver", run: portal },
  { title: 'scaled up: two more stock-price tasks land', run: scaleUp },
  {
    title: 'an event is lost: the stopped task stays registered until one reconcile repairs it',
    run: loseEvent,
  },
  { title: 'a registry is down: the others get a new task at once, that one when it is back', run: outage },
  { title: 'an unhealthy task is marked as such, is never resolved, and comes back healthy', run: health },
  { title: 'a stopping task leaves the registries before its process is gone', run: stopEarly },
  { title: 'a task whose process died leaves, and its replacement lands', run: kill },
  { title: 'a host goes down: its tasks leave while ECS still calls them running', run: loseHost },
  {
    title: 'more than half of the records are merely missing: withheld, shown by plan, removed once released',
    run: withhold,
  },
  { title: 'purged under observe: nothing of ours is left, the foreign records are', run: purge },
];

async function start(stage: Stage) {
  const { cluster } = stage.live;
  const wanted = cluster.services.reduce((sum, name) => sum + cluster.desired(name), 0);
  await stage.until(
    `${wanted} running tasks`,
    () => runningMembers(stage).length,
    (count) => count === wanted,
  );
  await stage.expectHeld(stage.running);
}

async function resolve(stage: Stage) {
  const { url } = stage.live.resolver;
  const place = await stage.until(
    'one of the addresses of stock-price',
    async () => (await fetch(`${url}/resolve/stock-price`, { headers: { accept: 'text/plain' } })).text(),
    (text) => stage.running().includes(`stock-price ${text}`),
  );
  await stage.until(
    `a price from ${place}`,
    () => getJson(`http://${place}/`),
    (answer) => answer.symbol === 'ACME',
  );
}

async function portal(stage: Stage) {
  const [{ app } = missing('portal')] = runningMembers(stage, 'portal');
  await stage.until(
    "the others' addresses in the portal's answer",
    () => getJson(`http://${app.address}:${app.ports[8080]}/`),
    ({ stockPrice, weather }) =>
      stage.running().includes(`stock-price ${hostOf(stockPrice?.from)}`) &&
      stage.running().includes(`weather ${hostOf(weather?.from)}`),
  );
}

async function scaleUp(stage: Stage) {
  const { cluster } = stage.live;
  cluster.scale('stock-price', cluster.desired('stock-price') + 2);
  await settled(stage, 'stock-price');
  await stage.expectHeld(stage.running);
}

/** All the events that one stop makes. */
const EVENTS_OF_A_STOP = 5;

async function loseEvent(stage: Stage) {
  const { cluster, stack } = stage.live;
  const before = stage.running();
  stack.world.dropNext(EVENTS_OF_A_STOP);
  cluster.scale('stock-price', cluster.desired('stock-price') - 1);
  await settled(stage, 'stock-price');
  await stage.until(
    'the task to end',
    () => cluster.members('stock-price').length,
    (count) => count === cluster.desired('stock-price'),
  );
  await stage.expectHeld(() => before);
  await stage.reconcile();
  await stage.expectHeld(stage.running, { repair: true });
}

async function outage(stage: Stage) {
  const { cluster, stack } = stage.live;
  const down: RegistryName = stack.consul ? 'consul' : stack.eureka ? 'eureka' : 'cloudmap';
  const up = (['cloudmap', 'consul', 'eureka'] as const).filter((name) => name !== down);
  const before = stage.running();
  takeDown(stack, down);
  cluster.scale('portal', cluster.desired('portal') + 1);
  await settled(stage, 'portal');
  await stage.expectHeld(stage.running, { registries: up });
  bringUp(stack, down);
  if (before.length === stage.running().length) throw new Unexpected('no task was started');
  // Beside a real registry, whose list lags, it was down for longer than looks are made.
  await stage.expectHeld(stage.running, { registries: [down], repair: true });
}

async function health(stage: Stage) {
  const { cluster, resolver } = stage.live;
  const [sick = missing('weather')] = runningMembers(stage, 'weather');
  const marked = () =>
    stage
      .running()
      .map((line) => (stage.linesOf(sick).includes(line) ? `${line} unhealthy` : line))
      .sort();
  cluster.setHealth(sick.task.taskArn, false);
  await healthSeen(stage, sick, 'UNHEALTHY');
  await stage.reconcile();
  await stage.expectHeld(marked, { repair: true });
  await stage.until(
    'one healthy instance of weather at the resolver',
    () => getJson(`${resolver.url}/services/weather?healthy=true`),
    ({ instances }) =>
      instances?.length === cluster.desired('weather') - 1 &&
      !instances.some((one: { address: string; port: number }) =>
        stage.linesOf(sick).includes(`weather ${one.address}:${one.port}`),
      ),
  );
  cluster.setHealth(sick.task.taskArn, true);
  await healthSeen(stage, sick, 'HEALTHY');
  await stage.reconcile();
  await stage.expectHeld(stage.running, { repair: true });
}

async function stopEarly(stage: Stage) {
  const { cluster } = stage.live;
  await stage.live.pause();
  const [oldest = missing('weather')] = runningMembers(stage, 'weather');
  cluster.scale('weather', cluster.desired('weather') - 1);
  await cluster.tick();
  // Nothing moves now: the task is wanted STOPPED, and its process runs on.
  await stage.expectHeld(stage.running);
  const [place] = stage.linesOf(oldest).map((line) => line.split(' ')[1]);
  await stage.until(
    `an answer from ${place}, the process of the stopping task`,
    () => getJson(`http://${place}/`),
    (answer) => answer.place !== undefined,
  );
  stage.live.resume();
}

async function kill(stage: Stage) {
  const { cluster } = stage.live;
  const [victim = missing('portal')] = runningMembers(stage, 'portal');
  await cluster.kill(victim.task.taskArn);
  await stage.until(
    'a replacement',
    () => runningMembers(stage, 'portal').map(({ task }) => task.taskArn),
    (arns) => arns.length === cluster.desired('portal') && !arns.includes(victim.task.taskArn),
  );
  await stage.expectHeld(stage.running);
}

async function loseHost(stage: Stage) {
  const { cluster, stack } = stage.live;
  await stage.live.pause();
  const host = cluster.loseHost();
  const [instance] = stack.world
    .containerInstances(cluster.arn)
    .filter(({ ec2InstanceId }) => ec2InstanceId === host);
  const isThere = ({ task }: Member) => task.containerInstanceArn === instance?.containerInstanceArn;
  const doomed = runningMembers(stage).filter(isThere);
  if (doomed.length === 0) throw new Unexpected(`no task was on host ${host}`);
  const others = () => {
    const gone = new Set(doomed.flatMap((member) => stage.linesOf(member)));
    return stage.running().filter((line) => !gone.has(line));
  };
  await stage.expectHeld(others);
  stage.live.resume();
  await stage.until(
    'ECS to notice, and to start replacements',
    () => runningMembers(stage).filter(isThere).length,
    (count) => count === 0,
  );
  for (const service of cluster.services) await settled(stage, service);
  await stage.expectHeld(stage.running);
}

/** With the others' more than ten in each registry, most of which are its own. */
const MANY = 6;

async function withhold(stage: Stage) {
  const { live, reconcile, until, expectHeld, running } = stage;
  live.cluster.scale('stock-price', MANY);
  await settled(stage, 'stock-price');
  await expectHeld(running);
  const before = running();
  await forgetService(live, 'stock-price');
  const lost = before.length - running().length;
  const plan = await until(
    `a plan that withholds ${lost} removals in each registry`,
    async () => {
      await reconcile();
      return (await live.stack.admin({ command: 'plan' })).text;
    },
    (text) => (text.match(/withheld: above the delete limit/g) ?? []).length === lost * REGISTRY_NAMES.length,
  );
  await expectHeld(() => before);
  await live.stack.admin({ command: 'release', plan: withheldPlan(plan) });
  await reconcile();
  await expectHeld(running, { repair: true });
}

async function purge(stage: Stage) {
  const { stack } = stage.live;
  await stack.redeploy({ ROLLCALL_POLICY: 'observe' });
  await stack.admin({ command: 'purge' });
  await stage.expectHeld(() => []);
}

const runningMembers = ({ live }: Stage, service?: string): readonly Member[] =>
  live.cluster
    .members(service)
    .filter(({ task }) => task.desiredStatus === 'RUNNING' && task.lastStatus === 'RUNNING');

/** As many tasks run as shall. */
const settled = (stage: Stage, service: string) =>
  stage.until(
    `${stage.live.cluster.desired(service)} running tasks of ${service}`,
    () => runningMembers(stage, service).length,
    (count) => count === stage.live.cluster.desired(service),
  );

const healthSeen = ({ live, until }: Stage, { task }: Member, health: string) =>
  until(
    `ECS to call the task ${health}`,
    () => live.stack.world.task(task.taskArn)?.healthStatus,
    (status) => status === health,
  );

const missing = (service: string): never => {
  throw new Unexpected(`no task of ${service} is running`);
};

const hostOf = (url: unknown) => (typeof url === 'string' ? new URL(url).host : '');

// biome-ignore lint/suspicious/noExplicitAny: answers of the example's own services, checked member by member
const getJson = async (url: string): Promise<any> =>
  (await fetch(url, { signal: AbortSignal.timeout(5_000) })).json();
