import { lastSegment } from '../../local/aws/world/names.ts';
import type { Task } from '../../local/aws/world/shapes.ts';
import { createWorld, type World } from '../../local/aws/world.ts';
import { placeDefinition } from './definition.ts';
import { placeHosts } from './hosts.ts';
import { placeInterfaces } from './interfaces.ts';
import { detailOf, isObject, list, type Members, placeOf, type Recording } from './recording.ts';

/** An account in which there is just what one recorded event speaks of. */
export interface Account {
  readonly world: World;
  /** The event as it may be handled there: with ids such as ECS gives out. */
  readonly event: unknown;
  /** In words: what was made up, and what of the recording tells of something else. */
  readonly told: readonly string[];
}

export const createAccount = (recording: Recording): Account => {
  const { time } = isObject(recording.event) ? recording.event : {};
  const at = Date.parse(String(time));
  const world = createWorld({
    ...taskPlaceOf(recording),
    // ECS knows a task for an hour after it has stopped.
    ...(!Number.isNaN(at) && { now: () => at }),
  });
  const detail = detailOf(recording);
  const fixed = withValidInstanceId(world, detail);
  const task = toTask(fixed.detail);
  if (!isTask(task)) return { world, event: recording.event, told: [] };
  world.addCluster(lastSegment(task.clusterArn));
  world.addTask(task);
  const told = [
    ...placeDefinition(world, detail, recording),
    ...fixed.told,
    ...placeHosts(world, { given: detail, used: fixed.detail }, recording),
    ...placeInterfaces(world, detail, recording),
  ];
  return { world, event: Object.assign({}, recording.event, { detail: fixed.detail }), told };
};

/** The task's own place; the event's where it tells of none. */
export const taskPlaceOf = (recording: Recording) => {
  const { account, region } = placeOf(recording);
  const arn = String(detailOf(recording)['clusterArn'] ?? '');
  const [, partition, ownRegion, ownAccount] = /^arn:([^:]+):ecs:([^:]+):([^:]+):/.exec(arn) ?? [];
  return {
    partition: partition ?? 'aws',
    region: ownRegion ?? (region || 'eu-central-1'),
    account: ownAccount ?? (account || '000000000000'),
  };
};

/**
 * People shorten ids before they show an event to others. A container instance's id that ECS would
 * refuse is replaced; the task's own stays, since its records' ids contain it.
 */
const withValidInstanceId = (world: World, detail: Members) => {
  const { containerInstanceArn: given } = detail;
  if (typeof given !== 'string' || VALID_ID.test(lastSegment(given))) return { detail, told: [] };
  const cluster = lastSegment(String(detail['clusterArn']));
  const containerInstanceArn = world.arn('ecs', `container-instance/${cluster}/${'0'.repeat(32)}`);
  const told = `Assumed: detail.containerInstanceArn: an id of 32 digits, as ECS gives out, in place of ${lastSegment(given)}.`;
  return { detail: { ...detail, containerInstanceArn }, told: [told] };
};

const VALID_ID = /^[A-Za-z0-9-]{32}$|^[A-Za-z0-9-]{36}$/;

/**
 * As DescribeTasks has it. Events write times as text and an interface as `eni`; the API has Dates,
 * and its own name for that.
 */
const toTask = (detail: Members): Members => ({
  overrides: {},
  tags: [],
  ...withDates(detail),
  attachments: list(detail['attachments']).map((each) =>
    each['type'] === 'eni' ? { ...each, type: 'ElasticNetworkInterface' } : each,
  ),
  containers: list(detail['containers']).map(withDates),
});

const withDates = (shape: Members): Members =>
  Object.fromEntries(
    Object.entries(shape).map(([name, value]) => [
      name,
      name.endsWith('At') ? new Date(String(value)) : value,
    ]),
  );

/** Whatever else is wrong with it is found out by the function that handles it. */
const isTask = (task: Members): task is Members & Task =>
  typeof task['taskArn'] === 'string' && typeof task['clusterArn'] === 'string';
