import { derive } from '../../derive/derive.ts';
import type { ClusterArn, TaskArn } from '../../model/arn.ts';
import type { LogContext } from '../../platform/telemetry.ts';
import type { SyncContext } from '../context.ts';
import { isOurs } from '../scope.ts';
import { type Answers, askEcs } from './ask-ecs.ts';
import {
  type Dependencies,
  type NotDerivable,
  type ReadDependencies,
  readDependencies,
} from './dependencies.ts';
import {
  type Derivation,
  type JudgedRequest,
  judgeRequest,
  type TaskRequest,
} from './task-request.ts';
import { type TaskState, taskState } from './task-state.ts';

/** What a task is, and what it derives. */
export type Observed = { readonly state: TaskState } & (
  | {
      /** It runs; or, if so asked, ECS describes it. */
      readonly status: 'derived';
      readonly derivation: Derivation;
      /**
       * Why its host could not be read, if so: it is taken to be up, which is enough to add the
       * task, not to remove it.
       */
      readonly hostFault?: unknown;
    }
  /** There is nothing to derive: it does not run, or ECS says nothing of it. */
  | { readonly status: 'underived' }
  | NotDerivable
);

export const derivationOf = (observed: Observed | undefined): Derivation | undefined =>
  observed?.status === 'derived' ? observed.derivation : undefined;

export interface Observations extends Pick<Answers, 'unreadable' | 'faults'> {
  /** By ARN, one for each request. */
  readonly tasks: ReadonlyMap<TaskArn, Observed>;
}

export interface ObserveOptions extends Pick<LogContext, 'path'> {
  /** Tasks that run, or all that ECS describes: names are needed of those that stop, too. */
  readonly derives: 'running' | 'described';
  /** Read EC2's word on each host anew; otherwise hosts are taken to be up. */
  readonly hostStates: boolean;
}

export type ObserveContext = Pick<SyncContext, 'source' | 'config' | 'now' | 'holders'>;

/**
 * What tasks are now, by ECS and EC2, and what they derive: the one observation on which every path
 * acts. What cannot be read makes its own tasks unknown, and no others.
 */
export const observe = async (
  requests: readonly TaskRequest[],
  { derives, hostStates, path }: ObserveOptions,
  { source, config, now, holders }: ObserveContext,
  signal: AbortSignal,
): Promise<Observations> => {
  const unknown = requests.filter(({ from }) => from !== 'event');
  const { byTask, unreadable, faults } = await askEcs(unknown, source, signal);
  const seen = requests.map((request) => judgeRequest(request, byTask, now()));
  const isDerived = ({ isAsWritten, state }: JudgedRequest) =>
    !isAsWritten && (derives === 'described' || state.state === 'running');
  const tasks = seen
    .filter(isDerived)
    .flatMap(({ observation: { answer } }) => (typeof answer === 'object' ? [answer] : []));
  const { rules } = config;
  const isInScope = (cluster: ClusterArn) => isOurs(config, cluster);
  const claimsMs = path === 'event' ? CLAIMS_MS.event : CLAIMS_MS.others;
  const asked = { source, rules, isInScope, holders, hostStates, claimsMs };
  const dependencies = await readDependencies(tasks, asked, signal);
  const observed = seen.map((one) => {
    const { arn } = one.request;
    return [arn, toObserved(one, dependencies.get(arn), rules, now())] as const;
  });
  return { tasks: new Map(observed), unreadable, faults };
};

/**
 * Milliseconds to learn whose names are. An event's other tasks wait as long, so that it is short:
 * what was listed by then is kept for the next look.
 */
const CLAIMS_MS = { event: 1_000, others: 10_000 };

/** The same, with what could not be read logged. */
export const observeAndLog = async (
  requests: readonly TaskRequest[],
  options: ObserveOptions,
  context: ObserveContext & Pick<SyncContext, 'telemetry'>,
  signal: AbortSignal,
): Promise<Observations['tasks']> => {
  if (requests.length === 0) return new Map();
  const { tasks, unreadable, faults } = await observe(requests, options, context, signal);
  const { telemetry } = context;
  const { path } = options;
  for (const [cluster, fault] of faults)
    telemetry.fault(`tasks of ${cluster} cannot be described now`, fault, { path, cluster });
  for (const [cluster, skips] of unreadable)
    for (const skip of skips) telemetry.skip(skip, { path, cluster });
  for (const [task, one] of tasks)
    if (one.status === 'undefinable') telemetry.skip(one.skip, { path, task });
  logFaults(tasks, { path }, telemetry);
  return tasks;
};

/** One line for each task that cannot be derived now, and one for all that have such hosts. */
export const logFaults = (
  tasks: Observations['tasks'],
  context: LogContext,
  telemetry: SyncContext['telemetry'],
): void => {
  const hostFaults: unknown[] = [];
  for (const [task, one] of tasks) {
    if (one.status === 'derived' && one.hostFault !== undefined) hostFaults.push(one.hostFault);
    if (one.status === 'unread')
      telemetry.fault(`task ${task} cannot be derived now`, one.fault, { ...context, task });
  }
  if (hostFaults.length === 0) return;
  const what = `the hosts of ${hostFaults.length} tasks cannot be read now`;
  telemetry.fault(what, hostFaults[0], context);
};

const UNDERIVABLE: TaskState = {
  state: 'unknown',
  reason: 'it cannot be derived now',
  because: 'underivable',
};

/** Of a task that cannot be derived nothing is concluded, whatever ECS says of it. */
const toObserved = (
  { request, observation, state: before, isAsWritten }: JudgedRequest,
  read: Dependencies | undefined,
  rules: ObserveContext['config']['rules'],
  now: number,
): Observed => {
  if (isAsWritten && request.from === 'write' && before.state === 'running')
    return { status: 'derived', state: before, derivation: request.written };
  const { answer } = observation;
  if (!read || typeof answer !== 'object') return { status: 'underived', state: before };
  if (read.status !== 'read') return { ...read, state: UNDERIVABLE };
  const host = hostOf(request, read);
  const state = host === 'up' ? before : taskState({ ...observation, answer, host }, now);
  if (state.state === 'unknown') return { status: 'underived', state };
  const obstacle = 'obstacle' in state && { obstacle: state.obstacle };
  const derived = derive({ task: answer, ...read.input, ...obstacle }, rules);
  // Rounds know which record has the name, and leave it there.
  const isUnsure = derived.lost.values().some(([first]) => !first);
  if (isUnsure && state.state === 'running' && request.from !== 'round')
    return { status: 'unread', state: UNDERIVABLE, fault: read.input.claims?.unknown };
  const derivation = { ...derived, task: answer, definition: read.input.definition };
  return { status: 'derived', state, derivation, hostFault: read.hostError };
};

const hostOf = (request: TaskRequest, { isHostDown, hostError }: ReadDependencies) => {
  const told = request.from === 'trigger' ? request.host : undefined;
  if (told === 'leaving') return 'leaving';
  if (isHostDown) return 'down';
  return told === 'doubtful' && hostError !== undefined ? 'unsure' : 'up';
};
