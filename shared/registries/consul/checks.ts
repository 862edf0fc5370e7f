import type { Check, Health, Registration } from '../../model/registration.ts';
import type { WireCheck, WireDefinition } from './wire.ts';

/** The check that holds ECS's health; every record has it. Ids of checks are unique per node. */
const toHealthCheckId = (serviceId: string) => `rollcall:${serviceId}`;

/** The check that consul-esm makes, beside it. */
export const toProbeCheckId = (serviceId: string) => `${toHealthCheckId(serviceId)}:probe`;

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
const LEAST_INTERVAL = '1s';
const INITIAL = 'initial status: ';

type Detail = Registration['detail'];

/** What a record's detail says of its probe, where it has one that consul-esm can make. */
export const fitProbe = (
  check: Check | undefined,
): { detail?: Detail; notes: readonly string[] } => {
  if (!check) return { notes: [] };
  if (check.kind !== 'http' && check.kind !== 'https' && check.kind !== 'tcp') {
    // Consul's transactions drop a gRPC definition silently; the other kinds run only in an agent.
    const notes = [
      `nothing runs the ${check.kind} check without an agent: ECS's own health stands alone`,
    ];
    return { notes };
  }
  const times = [check.interval, check.timeout] as const;
  const bad = times.filter((text) => text !== undefined && toDuration(text) === undefined);
  const asked = toDuration(check.interval) ?? DEFAULT_INTERVAL;
  // Shorter than a second is written with a unit of its own.
  const tooOften = /^[\d.]+ms$/.test(asked);
  const initial = check.initialStatus?.trim().toLowerCase() ?? 'passing';
  const known = ['passing', 'warning', 'critical'].includes(initial);
  const timeout = toDuration(check.timeout);
  return {
    detail: {
      probe: check.kind === 'tcp' ? 'tcp' : 'http',
      probeTarget: check.target.toWellFormed(),
      probeInterval: tooOften ? LEAST_INTERVAL : asked,
      ...(check.kind !== 'tcp' && check.method && { probeMethod: check.method }),
      ...(timeout && { probeTimeout: timeout }),
      ...(known && initial !== 'passing' && { probeInitialStatus: initial }),
    },
    notes: [
      ...bad.map(
        (text) => `check: ${JSON.stringify(text)} is no duration such as 10s, and is left out`,
      ),
      ...(tooOften
        ? [
            `check: interval ${check.interval} is raised to ${LEAST_INTERVAL}: there is none shorter`,
          ]
        : []),
      ...(known
        ? []
        : [
            `check: initial status ${JSON.stringify(check.initialStatus)} is unknown; passing is written`,
          ]),
    ],
  };
};

/**
 * What a service's checks say: ECS's health, and the same detail, read back. A check of ours that
 * is missing, or that is not as it should be, leaves its part out: the record then differs, and is
 * repaired.
 */
export const readChecks = (
  serviceId: string,
  checks: ReadonlyMap<string, WireCheck>,
): { health: Health | undefined; detail: Detail } => {
  const ecs = checks.get(toHealthCheckId(serviceId));
  const probe = readProbe(checks.get(toProbeCheckId(serviceId)));
  if (!ecs) return { health: undefined, detail: probe };
  // Earlier versions wrote the probe in its place; its status is consul-esm's.
  if (targetOf(ecs)) return { health: undefined, detail: { probeStatus: ecs.Status, ...probe } };
  return { health: readHealth(ecs), detail: { check: 'ecs', ...probe } };
};

const targetOf = ({ Definition }: WireCheck) => Definition?.HTTP || Definition?.TCP;

const readProbe = (check: WireCheck | undefined): Detail => {
  const target = check && targetOf(check);
  if (!target) return {};
  const definition = check.Definition ?? {};
  return {
    probe: definition.HTTP ? 'http' : 'tcp',
    probeTarget: target,
    ...(definition.Interval && { probeInterval: definition.Interval }),
    ...(definition.Method && { probeMethod: definition.Method }),
    ...(definition.Timeout && { probeTimeout: definition.Timeout }),
    ...(check.Notes.startsWith(INITIAL) && {
      probeInitialStatus: check.Notes.slice(INITIAL.length),
    }),
  };
};

const readHealth = ({ Status, Output }: WireCheck): Health => {
  if (Status === STATUSES.healthy) return 'healthy';
  return Output === OUTPUTS.starting ? 'starting' : 'unhealthy';
};

export const isProbed = ({ detail }: Pick<Registration, 'detail'>) => detail['probe'] !== undefined;

export const toHealthCheck = (
  node: string,
  { id, service }: Pick<Registration, 'id' | 'service'>,
  health: Health,
): WireCheck => ({
  Node: node,
  CheckID: toHealthCheckId(id),
  Name: 'ECS health',
  Status: STATUSES[health],
  Notes: '',
  Output: OUTPUTS[health],
  ServiceID: id,
  ServiceName: service,
});

/** What is known of a probe that is written anew: its status belongs to consul-esm and is kept. */
export interface HeldProbe {
  /** The check as it is now. */
  readonly held?: WireCheck | undefined;
  /** The record as it was read, perhaps one of an earlier version's. */
  readonly before?: Registration | undefined;
}

export const toProbeCheck = (
  node: string,
  record: Registration,
  { held, before }: HeldProbe,
): WireCheck => {
  const { detail, id, service } = record;
  const initial = detail['probeInitialStatus'];
  return {
    Node: node,
    CheckID: toProbeCheckId(id),
    Name: 'Checked by consul-esm',
    Status: held?.Status ?? before?.detail['probeStatus'] ?? initial ?? 'passing',
    Notes: initial ? INITIAL + initial : '',
    Output: held?.Output ?? '',
    ServiceID: id,
    ServiceName: service,
    Definition: toDefinition(detail),
    // 0: write only if there is none yet.
    ModifyIndex: held?.ModifyIndex ?? 0,
  };
};

const toDefinition = (detail: Detail): WireDefinition => ({
  [detail['probe'] === 'tcp' ? 'TCP' : 'HTTP']: detail['probeTarget'] ?? '',
  ...(detail['probeInterval'] && { Interval: detail['probeInterval'] }),
  ...(detail['probeMethod'] && { Method: detail['probeMethod'] }),
  ...(detail['probeTimeout'] && { Timeout: detail['probeTimeout'] }),
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
