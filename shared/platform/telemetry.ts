import { isFailure, type Outcome, operationsOf, type Skip } from '../model/plan.ts';
import type { RegistryName } from '../model/registration.ts';
import { errorText } from './error-text.ts';
import { type Logger, output, requestId, unfilteredFields } from './log.ts';
import { toOutcomeLine } from './outcome-line.ts';
import type { Publish } from './publish.ts';

/** What a log line or metric belongs to. */
export interface LogContext {
  readonly path: 'event' | 'look' | 'reconcile' | 'renew' | 'inspect' | 'operate';
  readonly cluster?: string;
  readonly task?: string;
  readonly eventId?: string;
  readonly version?: number;
  /** Milliseconds since the epoch at which ECS emitted the event. */
  readonly eventTime?: number;
}

/** Counters; each costs one CloudWatch metric per registry, so there are few. */
export type Counter =
  | 'Registered'
  | 'Removed'
  | 'HealthChanged'
  | 'Renewed'
  | 'Withheld'
  | 'Awaited'
  | 'Unknown'
  | 'Failed'
  | 'Drift'
  | 'SharedNames'
  | 'Unfinished'
  | 'Ignored'
  | 'Unpublished';

/** How the pure parts' values become log lines and metrics. One per invocation; `flush` ends it. */
export interface Telemetry {
  /**
   * One `OutcomeRecord` per outcome, which no level keeps back. `unchanged` is none, and told at
   * debug level only.
   */
  outcome(registry: RegistryName, outcome: Outcome, context: LogContext): void;
  skip(skip: Skip, context: LogContext): void;
  note(message: string, context: LogContext, fields?: object): void;
  fault(message: string, error: unknown, context: LogContext): void;
  count(counter: Counter, value: number, registry?: RegistryName): void;
  /** Resolves once outcomes are published, where they are to be, or the time for it is over. */
  flush(): Promise<void>;
}

/** For a promise's `catch`: logs why it was rejected, and gives nothing in its place. */
export const logged =
  (telemetry: Pick<Telemetry, 'fault'>, message: string, context: LogContext) =>
  (error: unknown): undefined => {
    telemetry.fault(message, error, context);
  };

const NAMESPACE = 'Rollcall';
/** Values that one embedded metric line may carry. */
const MAX_VALUES = 100;

export interface TelemetrySettings {
  /** The metrics' dimension: tells two installations in one account apart. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly logger: Logger;
  /**
   * Takes what no level keeps back: outcomes, and lines in CloudWatch's embedded metric format,
   * which CloudWatch turns into metrics with no API call.
   */
  readonly write?: (line: string) => void;
  /** Sends outcome records to who listens; absent where nobody is to. */
  readonly publish?: Publish | undefined;
}

export const createTelemetry = ({
  owner,
  now,
  logger,
  write = (line) => output.write(line),
  publish,
}: TelemetrySettings): Telemetry => {
  const counters = new Map<string, Map<Counter, number>>();
  const ages = new Map<RegistryName, number[]>();
  let unpublished: string[] = [];

  const count = (counter: Counter, value: number, registry = '') => {
    const of = counters.get(registry) ?? new Map<Counter, number>();
    of.set(counter, (of.get(counter) ?? 0) + value);
    counters.set(registry, of);
  };

  const writeMetrics = () => {
    for (const [registry, values] of counters) {
      const metrics = Object.fromEntries(values);
      const age = ages.get(registry as RegistryName)?.slice(0, MAX_VALUES);
      write(
        JSON.stringify({
          ...unfilteredFields('info', now()),
          _aws: {
            Timestamp: now(),
            CloudWatchMetrics: [
              {
                Namespace: NAMESPACE,
                Dimensions: [registry ? ['Owner', 'Registry'] : ['Owner']],
                Metrics: [
                  ...Object.keys(metrics).map((Name) => ({ Name, Unit: 'Count' })),
                  ...(age ? [{ Name: 'EventAge', Unit: 'Milliseconds' }] : []),
                ],
              },
            ],
          },
          Owner: owner,
          ...(registry && { Registry: registry }),
          ...metrics,
          ...(age && { EventAge: age }),
        }),
      );
    }
    counters.clear();
    ages.clear();
  };

  return {
    count: (counter, value, registry) => count(counter, value, registry),
    outcome(registry, outcome, context) {
      const { change, status, notes } = outcome;
      const [operation] = operationsOf(outcome);
      const counter = COUNTERS[change.kind];
      if (status === 'done' || (status === 'pending' && operation)) {
        count(counter, 1, registry);
        if (change.kind === 'upsert' && context.eventTime !== undefined) {
          ages.set(registry, [...(ages.get(registry) ?? []), now() - context.eventTime]);
        }
      }
      const isGuess = change.kind === 'remove' && change.isGuess;
      const hasFailed = isFailure(outcome) && !isGuess;
      if (hasFailed) count('Failed', 1, registry);
      if (status === 'unchanged' || (isGuess && isFailure(outcome))) {
        logger.debug(`${change.kind} ${status}`, { registry, ...context, why: change.reason });
      } else {
        const level = status === 'retry' && !hasFailed ? 'info' : LEVELS[status];
        const time = now();
        const origin = { now: time, level, requestId: requestId(), ...context };
        const line = toOutcomeLine(registry, outcome, {
          ...origin,
          ...unfilteredFields(level, time),
        });
        write(line);
        if (publish) unpublished.push(line);
      }
      for (const text of notes ?? []) logger.warn(text, { registry, ...context });
    },
    skip: (skip, context) =>
      logger.info(`left out (${skip.code}): ${skip.detail}`, { ...context, ...skip }),
    note: (message, context, fields) => logger.info(message, { ...context, ...fields }),
    fault: (message, error, context) =>
      logger.error(message, { ...context, error: errorText(error) }),
    async flush() {
      writeMetrics();
      const records = unpublished;
      unpublished = [];
      const failed = records.length > 0 ? await publish?.(records) : undefined;
      if (!failed) return;
      const what = `${failed.count} of ${records.length} outcomes could not be published`;
      logger.warn(what, { reason: failed.reason });
      count('Unpublished', failed.count);
      writeMetrics();
    },
  };
};

const COUNTERS = { upsert: 'Registered', health: 'HealthChanged', remove: 'Removed' } as const;
const LEVELS = {
  done: 'info',
  pending: 'info',
  gone: 'warn',
  retry: 'warn',
  refused: 'error',
} as const;
