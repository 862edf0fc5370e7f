import * as v from 'valibot';
import { isClusterArn, isDefinitionArn, isTaskArn } from '../model/arn.ts';
import { type Identity, REGISTRY_NAMES, type RegistryName } from '../model/registration.ts';
import type { Task } from '../model/task.ts';
import { arnOf, faultsIn, rawNames, rawTask, time, toMillis, toTask } from './task.ts';

/**
 * What the queue brings. What we do not know is a value (`ignored`); what is broken is an
 * InvalidMessage.
 */
export type Message =
  | ({ readonly kind: 'task'; readonly task: Task } & Envelope)
  | ({ readonly kind: 'host'; readonly instanceId: string; readonly state: string } & Envelope)
  | ({ readonly kind: 'look' } & Look)
  | { readonly kind: 'ignored'; readonly what: string };

interface Envelope {
  readonly eventId: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Where it happened: a bus may be shared by many accounts. EventBridge always tells. */
  readonly account?: string;
  readonly region?: string;
}

/** Our own delayed message: look at these tasks again. */
export interface Look {
  readonly cluster: string;
  /** Of ARNs at most 100, unchecked as the cluster's is: anybody may have sent them. */
  readonly tasks: readonly string[];
  /** Only this registry; all of them where absent. */
  readonly registry?: RegistryName;
  /** Which look this is, 0 to 4. */
  readonly look: number;
  /** Asynchronous writes of that registry to be followed to their end first. */
  readonly operations: readonly string[];
  /** What was written for those of the tasks that ECS has not described since. */
  readonly unseen?: readonly Unseen[];
}

/** A record's identity, but for its cluster, and the ARN of its task. */
export interface Unseen extends Omit<Identity, 'cluster'> {
  readonly task: string;
}

/** Names the field, what was expected and what came. */
export class InvalidMessage extends Error {
  override readonly name = 'InvalidMessage';
}

export const parseMessage = (body: string): Message => {
  const json = parseJson(body);
  if (typeof json === 'object' && json !== null && 'rollcall' in json) {
    const { cluster, tasks, look, operations, registry, unseen } = check(lookSchema, json, 'look');
    const which = { ...(registry && { registry }), ...(unseen && { unseen }) };
    return { kind: 'look', cluster, tasks, look, operations, ...which };
  }
  const envelope = check(envelopeSchema, json, 'event');
  const { id: eventId, time, account, region, 'detail-type': detailType } = envelope;
  const common = { eventId, time, ...(account && { account }), ...(region && { region }) };
  if (envelope.source === 'aws.ecs' && detailType === 'ECS Task State Change') {
    const { detail } = envelope;
    const { success, output, issues = [] } = v.safeParse(eventTask, detail);
    if (success) return { kind: 'task', ...common, task: toTask(output) };
    const stranger = strangerIn(detail);
    if (stranger) return { kind: 'ignored', what: `a task of ${stranger}` };
    throw new InvalidMessage(faultsIn(issues, 'detail'));
  }
  if (envelope.source === 'aws.ec2' && detailType === 'EC2 Instance State-change Notification') {
    const { 'instance-id': instanceId, state } = check(hostDetail, envelope.detail, 'detail');
    if (!instanceId.startsWith('i-')) return { kind: 'ignored', what: `a host ${instanceId}` };
    return { kind: 'host', ...common, instanceId, state };
  }
  return { kind: 'ignored', what: `${envelope.source} "${detailType}"` };
};

/** Registered are only tasks of definitions whose kind we know. */
const eventTask = v.object({
  ...rawTask.entries,
  taskDefinitionArn: arnOf('task definition', isDefinitionArn),
});

/** What the task has to do with that we know no such kind of. */
const strangerIn = (detail: unknown): string | undefined => {
  if (!v.is(rawNames, detail)) return undefined;
  const { taskArn, clusterArn, taskDefinitionArn } = detail;
  if (!isTaskArn(taskArn)) return taskArn;
  if (!isClusterArn(clusterArn)) return clusterArn;
  return isDefinitionArn(taskDefinitionArn) ? undefined : taskDefinitionArn;
};

const instant = v.pipe(time, v.transform(toMillis));

const envelopeSchema = v.object({
  id: v.string(),
  source: v.string(),
  'detail-type': v.string(),
  time: instant,
  account: v.nullish(v.string()),
  region: v.nullish(v.string()),
  detail: v.unknown(),
});

// The id goes into a filter expression of ECS's, so nothing but an id may pass.
const instanceId = v.pipe(
  v.string(),
  v.regex(/^[a-z]+-[0-9a-f]{8,17}$/, ({ received }) => `expected i-…, got ${received}`),
);
const hostDetail = v.object({ 'instance-id': instanceId, state: v.string() });

const lookSchema = v.object({
  rollcall: v.literal(1),
  kind: v.literal('look'),
  cluster: v.string(),
  tasks: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(100)),
  registry: v.optional(v.picklist(REGISTRY_NAMES)),
  look: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4)),
  operations: v.optional(v.array(v.string()), []),
  unseen: v.optional(
    v.array(
      v.object({
        task: v.string(),
        id: v.string(),
        service: v.string(),
        protocol: v.picklist(['tcp', 'udp']),
      }),
    ),
  ),
});

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new InvalidMessage(`body: expected JSON, got ${JSON.stringify(body.slice(0, 60))}`, {
      cause,
    });
  }
};

const check = <S extends v.GenericSchema>(
  schema: S,
  input: unknown,
  at: string,
): v.InferOutput<S> => {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw new InvalidMessage(faultsIn(result.issues, at));
};
