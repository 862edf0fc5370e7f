import * as v from 'valibot';
import { idOf, isClusterArn, isContainerInstanceArn, isTaskArn } from '../model/arn.ts';
import type { Binding, Container, EcsHealth, Eni, Protocol, Task } from '../model/task.ts';

/**
 * A task as ECS writes it, in an event (times are text) or from DescribeTasks (times are Dates).
 * Every other field may be missing: events of tasks that failed early carry little. Fields we do
 * not know pass.
 */
const optionalText = v.nullish(v.string());
export const time = v.custom<string | Date>(
  (value) => (typeof value === 'string' || value instanceof Date) && !Number.isNaN(toMillis(value)),
  ({ received }) => `expected an ISO 8601 time, got ${received}`,
);
const ecsArn = v.pipe(
  v.string(),
  v.regex(
    /^arn:[^:]+:ecs:[^:]*:[^:]*:[\w-]+\/.+/,
    ({ received }) => `expected an ARN of ECS’s, got ${received}`,
  ),
);
/** Of one kind alone. */
export const arnOf = <A extends string>(kind: string, isIt: (text: string) => text is A) =>
  v.pipe(
    ecsArn,
    v.guard(isIt, ({ received }) => `expected the ARN of a ${kind}, got ${received}`),
  );

const binding = v.object({
  bindIP: optionalText,
  containerPort: v.nullish(v.number()),
  hostPort: v.nullish(v.number()),
  protocol: optionalText,
  containerPortRange: optionalText,
  hostPortRange: optionalText,
});

const networkInterface = v.object({ privateIpv4Address: optionalText, ipv6Address: optionalText });

const container = v.object({
  name: v.string(),
  lastStatus: optionalText,
  healthStatus: optionalText,
  networkBindings: v.nullish(v.array(binding)),
  networkInterfaces: v.nullish(v.array(networkInterface)),
});

const pair = v.object({ name: optionalText, value: optionalText });

const attachment = v.object({
  type: optionalText,
  status: optionalText,
  details: v.nullish(v.array(pair)),
});

const containerOverride = v.object({ name: optionalText, environment: v.nullish(v.array(pair)) });

/** What names a task, of whatever kind each is: ECS gets new ones, as managed daemons' are. */
export const rawNames = v.object({
  taskArn: ecsArn,
  clusterArn: ecsArn,
  taskDefinitionArn: ecsArn,
});

export const rawTask = v.object({
  taskArn: arnOf('task', isTaskArn),
  clusterArn: arnOf('cluster', isClusterArn),
  taskDefinitionArn: ecsArn,
  version: v.nullish(v.number()),
  desiredStatus: v.string(),
  lastStatus: v.string(),
  group: optionalText,
  startedBy: optionalText,
  launchType: optionalText,
  availabilityZone: optionalText,
  containerInstanceArn: optionalText,
  createdAt: v.nullish(time),
  startedAt: v.nullish(time),
  healthStatus: optionalText,
  attachments: v.nullish(v.array(attachment)),
  containers: v.nullish(v.array(container)),
  overrides: v.nullish(v.object({ containerOverrides: v.nullish(v.array(containerOverride)) })),
});
type RawTask = v.InferOutput<typeof rawTask>;

/** What is wrong with an input, by field: `detail.taskArn: expected the ARN of a task, got x`. */
export const faultsIn = (issues: readonly v.BaseIssue<unknown>[], at: string): string =>
  issues
    .map((issue) => {
      const path = v.getDotPath(issue);
      return `${path ? `${at}.${path}` : at}: ${issue.message}`;
    })
    .join('; ');

export const toTask = (raw: RawTask): Task => {
  const eni = toEni(raw);
  return {
    arn: raw.taskArn,
    id: idOf(raw.taskArn),
    clusterArn: raw.clusterArn,
    definitionArn: raw.taskDefinitionArn,
    version: raw.version ?? 0,
    desiredStatus: raw.desiredStatus,
    lastStatus: raw.lastStatus,
    containers: (raw.containers ?? []).map(toContainer),
    overrides: toOverrides(raw),
    ...(raw.group != null && { group: raw.group }),
    ...(raw.startedBy != null && { startedBy: raw.startedBy }),
    ...(raw.launchType != null && { launchType: raw.launchType }),
    ...(raw.availabilityZone != null && { zone: raw.availabilityZone }),
    ...toContainerInstance(raw.containerInstanceArn ?? ''),
    ...(raw.createdAt != null && { createdAt: toMillis(raw.createdAt) }),
    ...(raw.startedAt != null && { startedAt: toMillis(raw.startedAt) }),
    ...toHealth(raw.healthStatus),
    ...(eni && { eni }),
  };
};

const toContainerInstance = (arn: string): Pick<Task, 'containerInstanceArn'> =>
  isContainerInstanceArn(arn) ? { containerInstanceArn: arn } : {};

export const toMillis = (value: string | Date) => new Date(value).getTime();

const toHealth = (text: string | null | undefined): { health?: EcsHealth } =>
  text === 'HEALTHY' || text === 'UNHEALTHY' || text === 'UNKNOWN' ? { health: text } : {};

/**
 * Events call the attachment `eni`, the API reference `ElasticNetworkInterface`; a stopped task's
 * is DELETED.
 */
const toEni = (raw: RawTask): Eni | undefined => {
  const found = raw.attachments?.find(
    ({ type, status }) =>
      (type === 'eni' || type === 'ElasticNetworkInterface') && status !== 'DELETED',
  );
  if (!found) return undefined;
  const detail = (name: string) =>
    found.details?.find((item) => item.name === name)?.value ?? undefined;
  const id = detail('networkInterfaceId');
  // Mind the case: `privateIPv4Address` here, `privateIpv4Address` in a container's interface.
  const ipv4 = detail('privateIPv4Address');
  const ipv6 =
    raw.containers?.flatMap((item) => item.networkInterfaces ?? []).find((item) => item.ipv6Address)
      ?.ipv6Address ?? undefined;
  return { ...(id && { id }), ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) };
};

const toContainer = (raw: v.InferOutput<typeof container>): Container => {
  const own = raw.networkInterfaces?.[0];
  return {
    name: raw.name,
    bindings: (raw.networkBindings ?? []).flatMap(toBinding),
    ...(raw.lastStatus != null && { lastStatus: raw.lastStatus }),
    ...toHealth(raw.healthStatus),
    ...(own?.privateIpv4Address && { ipv4: own.privateIpv4Address }),
    ...(own?.ipv6Address && { ipv6: own.ipv6Address }),
  };
};

/** A range is reported as two texts, `8000-8009` beside `32800-32809`. */
const toBinding = (raw: v.InferOutput<typeof binding>): Binding[] => {
  const common = { bindIp: raw.bindIP ?? '0.0.0.0', protocol: toProtocol(raw.protocol) };
  if (raw.containerPort != null && raw.hostPort != null) {
    return [{ ...common, containerPort: raw.containerPort, hostPort: raw.hostPort }];
  }
  const [inside, outside] = [toRange(raw.containerPortRange), toRange(raw.hostPortRange)];
  if (!inside || !outside) return [];
  const [containerPort, hostPort, lastHostPort] = [inside.first, outside.first, outside.last];
  return [{ ...common, containerPort, hostPort, lastHostPort }];
};

export const toProtocol = (text: string | null | undefined): Protocol =>
  text === 'udp' ? 'udp' : 'tcp';

const HIGHEST_PORT = 65_535;

/** `8000-8002`; anything else is none. */
export const toRange = (
  text: string | null | undefined,
): { readonly first: number; readonly last: number } | undefined => {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text ?? '');
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  return 1 <= first && first <= last && last <= HIGHEST_PORT ? { first, last } : undefined;
};

const toOverrides = (raw: RawTask): Task['overrides'] =>
  Object.fromEntries(
    (raw.overrides?.containerOverrides ?? []).flatMap(({ name, environment }) =>
      name && environment?.length ? [[name, fromPairs(environment)]] : [],
    ),
  );

/**
 * ECS's lists of {name, value}; a later one of the same name wins, as in a process's environment.
 */
export const fromPairs = (pairs: readonly v.InferOutput<typeof pair>[]): Record<string, string> =>
  Object.fromEntries(pairs.flatMap(({ name, value }) => (name ? [[name, value ?? '']] : [])));
