import type { RegistryName } from '../../../shared/model/registration.ts';
import type { Member } from '../../cluster/cluster.ts';
import { bringUp, takeDown } from '../../outage.ts';
import { type Stage, Unexpected } from '../stage.ts';
import { runningMembers, settled } from './members.ts';

/** An event, a registry or a host is lost. */

export async function loseEvent(stage: Stage) {
  const { cluster, stack } = stage.live;
  const before = stage.running();
  stack.world.dropNext(Number.POSITIVE_INFINITY);
  cluster.scale('stock-price', cluster.desired('stock-price') - 1);
  await settled(stage, 'stock-price');
  await stage.until(
    'the task to end',
    () => cluster.members('stock-price').length,
    (count) => count === cluster.desired('stock-price'),
  );
  stack.world.dropNext(0);
  await stage.expectHeld(() => before);
  await stage.reconcile();
  await stage.expectHeld(stage.running, { repair: true });
}

export async function outage(stage: Stage) {
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

export async function loseHost(stage: Stage) {
  const { cluster, stack } = stage.live;
  await stage.live.pause();
  const host = cluster.loseHost();
  const [instance] = stack.world
    .containerInstances(cluster.arn)
    .filter(({ ec2InstanceId }) => ec2InstanceId === host);
  const isThere = ({ task }: Member) =>
    task.containerInstanceArn === instance?.containerInstanceArn;
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
