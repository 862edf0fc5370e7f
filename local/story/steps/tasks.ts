import type { Member } from '../../cluster/cluster.ts';
import { deployUnderLoad } from '../../rolling.ts';
import { type Stage, Unexpected } from '../stage.ts';
import { getJson, missing, runningMembers, settled } from './members.ts';

/** Tasks come, are found, fall ill and go. */

export async function start(stage: Stage) {
  const { cluster } = stage.live;
  const wanted = cluster.services.reduce((sum, name) => sum + cluster.desired(name), 0);
  await stage.until(
    `${wanted} running tasks`,
    () => runningMembers(stage).length,
    (count) => count === wanted,
  );
  await stage.expectHeld(stage.running);
}

export async function resolve(stage: Stage) {
  const { url } = stage.live.resolver;
  const place = await stage.until(
    'one of the addresses of stock-price',
    async () =>
      (await fetch(`${url}/resolve/stock-price`, { headers: { accept: 'text/plain' } })).text(),
    (text) => stage.running().includes(`stock-price ${text}`),
  );
  await stage.until(
    `a price from ${place}`,
    () => getJson(`http://${place}/`),
    (answer) => answer.symbol === 'ACME',
  );
}

export async function portal(stage: Stage) {
  const [{ app } = missing('portal')] = runningMembers(stage, 'portal');
  await stage.until(
    "the others' addresses in the portal's answer",
    () => getJson(`http://${app.address}:${app.ports[8080]}/`),
    ({ stockPrice, weather }) =>
      stage.running().includes(`stock-price ${hostOf(stockPrice?.from)}`) &&
      stage.running().includes(`weather ${hostOf(weather?.from)}`),
  );
}

export async function scaleUp(stage: Stage) {
  const { cluster } = stage.live;
  cluster.scale('stock-price', cluster.desired('stock-price') + 2);
  await settled(stage, 'stock-price');
  await stage.expectHeld(stage.running);
}

export async function rollOut(stage: Stage) {
  // With and without a health check.
  for (const service of ['weather', 'stock-price']) {
    const { sent, failures } = await deployUnderLoad(stage.live, service);
    if (sent === 0 || failures.length > 0)
      throw new Unexpected(`${failures.length} of ${sent} requests failed: ${failures[0]}`);
    await stage.expectHeld(stage.running);
  }
}

export async function health(stage: Stage) {
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

export async function stopEarly(stage: Stage) {
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

export async function kill(stage: Stage) {
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

const healthSeen = ({ live, until }: Stage, { task }: Member, health: string) =>
  until(
    `ECS to call the task ${health}`,
    () => live.stack.world.task(task.taskArn)?.healthStatus,
    (status) => status === health,
  );

const hostOf = (url: unknown) => (typeof url === 'string' ? new URL(url).host : '');
