import type { Check, Health, Registration } from '../../model/registration.ts';
import type { WireCheck, WireDefinition } from './wire.ts';

/** One check per record. Ids of checks are unique per node. */
export const toCheckId = (serviceId: string) => `rollcall:${serviceId}`;

const STATUSES: Readonly<Record<Health, string>> = {
  healthy: 'passing',
  unhealthy: 'critical',
  starting: 'critical',
};
const OUTPUTS: Readonly<Record<Health, string>> = {
  healthy: 'ECS: healthy',
  unhealthy: 'ECS: unhealthy',
  starting: 'ECS: no answer of the health check yet',
};
const DEFAULT_INTERVAL = '10s';
const INITIAL = 'initial status: ';

type Detail = Registration['detail'];

/** What a record's detail says of its check: ECS's health, or a definition that consul-esm runs. */
export const fitCheck = (
  check: Check | undefined,
): { detail: Detail; notes: readonly string[] } => {
  if (!check) return { detail: { check: 'ecs' }, notes: [] };
  if (check.kind !== 'http' && check.kind !== 'https' && check.kind !== 'tcp') {
    // Consul's transactions drop a gRPC definition silently; the other kinds run only in an agent.
    const notes = [
      `nothing runs the ${check.kind} check without an agent: ECS's own health is written instead`,
    ];
    return { detail: { check: 'ecs' }, notes };
  }
  const times = [check.interval, check.timeout, check.deregisterAfter] as const;
  const bad = times.filter((text) => text !== undefined && toDuration(text) === undefined);
  const initial = check.initialStatus ?? 'passing';
  const known = ['passing', 'warning', 'critical'].includes(initial);
  const timeout = toDuration(check.timeout);
  const deregisterAfter = toDuration(check.deregisterAfter);
  return {
    detail: {
      check: check.kind === 'tcp' ? 'tcp' : 'http',
      checkTarget: check.target.toWellFormed(),
      checkInterval: toDuration(check.interval) ?? DEFAULT_INTERVAL,
      ...(check.kind !== 'tcp' && check.method && { checkMethod: check.method.toWellFormed() }),
      ...(timeout && { checkTimeout: timeout }),
      ...(deregisterAfter && { checkDeregisterAfter: deregisterAfter }),
      ...(known && initial !== 'passing' && { checkInitialStatus: initial }),
    },
    notes: [
      ...bad.map(
        (text) => `check: ${JSON.stringify(text)} is no duration such as 10s, and is left out`,
      ),
      ...(known
        ? []
        : [`check: initial status ${JSON.stringify(initial)} is unknown; passing is written`]),
    ],
  };
};

/**
 * The same detail, read back. Empty where our check is missing: the record then differs, and is
 * repaired.
 */
export const readCheckDetail = (check: WireCheck | undefined): Detail => {
  if (!check) return {};
  const definition = check.Definition ?? {};
  const target = definition.HTTP || definition.TCP;
  if (!target) return { check: 'ecs' };
  return {
    check: definition.HTTP ? 'http' : 'tcp',
    checkTarget: target,
    ...(definition.Interval && { checkInterval: definition.Interval }),
    ...(definition.Method && { checkMethod: definition.Method }),
    ...(definition.Timeout && { checkTimeout: definition.Timeout }),
    ...(definition.DeregisterCriticalServiceAfter && {
      checkDeregisterAfter: definition.DeregisterCriticalServiceAfter,
    }),
    ...(check.Notes.startsWith(INITIAL) && {
      checkInitialStatus: check.Notes.slice(INITIAL.length),
    }),
  };
};

/** Whether consul-esm decides the status. */
export const isProbed = ({ detail }: Pick<Registration, 'detail'>) =>
  detail['check'] === 'http' || detail['check'] === 'tcp';

export const readHealth = (check: WireCheck | undefined): Health | undefined => {
  if (!check || isProbed({ detail: readCheckDetail(check) })) return undefined;
  if (check.Status === 'passing') return 'healthy';
  return check.Output === OUTPUTS.starting ? 'starting' : 'unhealthy';
};

export const toHealthCheck = (
  node: string,
  { id, service }: Pick<Registration, 'id' | 'service'>,
  health: Health,
): WireCheck => ({
  Node: node,
  CheckID: toCheckId(id),
  Name: 'ECS health',
  Status: STATUSES[health],
  Notes: '',
  Output: OUTPUTS[health],
  ServiceID: id,
  ServiceName: service,
});

/** `held`: the check as it is now, whose status belongs to consul-esm and is kept. */
export const toProbedCheck = (node: string, record: Registration, held?: WireCheck): WireCheck => {
  const { detail, id, service } = record;
  const initial = detail['checkInitialStatus'];
  const probed = held && isProbed({ detail: readCheckDetail(held) }) ? held : undefined;
  return {
    Node: node,
    CheckID: toCheckId(id),
    Name: 'Checked by consul-esm',
    Status: probed?.Status ?? initial ?? 'passing',
    Notes: initial ? INITIAL + initial : '',
    Output: probed?.Output ?? '',
    ServiceID: id,
    ServiceName: service,
    Definition: toDefinition(detail),
    // 0: write only if there is none yet.
    ModifyIndex: held?.ModifyIndex ?? 0,
  };
};

const toDefinition = (detail: Detail): WireDefinition => ({
  [detail['check'] === 'tcp' ? 'TCP' : 'HTTP']: detail['checkTarget'] ?? '',
  ...(detail['checkInterval'] && { Interval: detail['checkInterval'] }),
  ...(detail['checkMethod'] && { Method: detail['checkMethod'] }),
  ...(detail['checkTimeout'] && { Timeout: detail['checkTimeout'] }),
  ...(detail['checkDeregisterAfter'] && {
    DeregisterCriticalServiceAfter: detail['checkDeregisterAfter'],
  }),
});

const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000001,
};

/**
 * A Go duration (`90s`, `1m30s`) as Go prints it (`1m30s`), since Consul answers in that form and
 * records are compared as text. Rounded up to milliseconds; `undefined` where it is invalid or
 * zero: one bad duration makes Consul answer 400 to a whole batch.
 */
export const toDuration = (text: string | undefined): string | undefined => {
  const match = text?.trim().match(/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/);
  if (!match) return undefined;
  const parts = match[0].matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g);
  const total = [...parts].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0),
    0,
  );
  return format(Math.ceil(total));
};

const format = (ms: number): string | undefined => {
  // Go counts nanoseconds in 63 bits: 292 years.
  if (ms <= 0 || ms > 9e15) return undefined;
  if (ms < 1_000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = `${(ms % 60_000) / 1_000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
};
