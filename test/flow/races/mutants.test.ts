import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Task } from '../../../shared/model/task.ts';
import { handleBatch } from '../../../shared/sync/handle-events.ts';
import { HandledTasks } from '../../../shared/sync/memory.ts';
import { reconcile } from '../../../shared/sync/reconcile.ts';
import type { Delivery } from '../../../shared/sync/trigger/trigger.ts';
import {
  adopting,
  asStopped,
  describing,
  type Interposer,
  unconfirmed,
  withRegistries,
} from '../../support/interposers.ts';
import { CLUSTER } from './ecs.ts';
import {
  anyHistory,
  calmHistory,
  faultsAtRest,
  type Knobs,
  play,
  type Subject,
} from './history.ts';

/**
 * Each rule of the protocol, broken in one place: the histories must notice. A mutant that survives
 * means that the race tests have gone blind, not that the rule does not matter.
 */
interface Mutant {
  readonly name: string;
  readonly breakIt: Partial<Subject>;
  /** Where it shows: among losses and deaths, or already where events alone should be enough. */
  readonly among: 'anything' | 'calm';
  readonly narrow?: Partial<Knobs>;
}

const SUBJECT: Subject = { handleBatch, reconcile, HandledTasks };

/** Every invocation gets its interposer anew, so what one remembers is of that invocation. */
const interposing = (
  where: 'event' | 'reconcile' | 'both',
  make: () => Interposer,
): Partial<Subject> => ({
  interpose: (path) => (where === 'both' || where === path ? make() : (context) => context),
});

const neverConfirmed = () => {
  const written = new Set<string>();
  return unconfirmed(
    { isConcerned: () => true, written: () => written },
    ({ kind }) => kind !== 'remove',
  );
};

/** Until something was written, so that the confirmation is spared. */
const beforeWriting = (make: (isConcerned: () => boolean) => Interposer): Interposer => {
  let hasWritten = false;
  const reading = make(() => !hasWritten);
  return (context) =>
    reading(
      withRegistries(context, ({ apply }) => ({
        apply: (changes, signal) => {
          hasWritten ||= changes.length > 0;
          return apply(changes, signal);
        },
      })),
    );
};

/** As if no container of a running task had stopped. */
const withoutStops = (task: Task): Task => ({
  ...task,
  containers: task.containers.map((one) => ({ ...one, lastStatus: 'RUNNING' })),
});

const stopsContainer = ({ containers }: Task) =>
  containers.some(({ lastStatus }) => lastStatus === 'STOPPED');

const says = ({ body }: Delivery, text: string) => body.includes(text);

const MUTANTS: readonly Mutant[] = [
  {
    name: 'a write is not confirmed',
    breakIt: interposing('event', neverConfirmed),
    among: 'calm',
  },
  {
    name: 'a look that finds a task stopped skips it',
    breakIt: interposing('event', () =>
      beforeWriting((isConcerned) =>
        describing((task) => (task.desiredStatus === 'STOPPED' ? undefined : task), isConcerned),
      ),
    ),
    among: 'calm',
    narrow: { operationFails: [true, false, false], kind: 'slow' },
  },
  {
    name: 'whatever is not RUNNING is taken out',
    breakIt: interposing('both', () =>
      describing((task, missing) => {
        if (missing) return undefined;
        return task.lastStatus === 'RUNNING' ? task : asStopped(task);
      }),
    ),
    among: 'anything',
  },
  {
    name: 'a task missing though young is taken out',
    breakIt: (() => {
      const missing = describing((task, isMissing) => (isMissing ? asStopped(task) : task));
      return { interpose: () => missing };
    })(),
    among: 'anything',
  },
  {
    name: 'what is accepted counts as done',
    breakIt: interposing('both', () => (context) => ({
      ...withRegistries(context, ({ apply }) => ({
        apply: async (changes, signal) =>
          (await apply(changes, signal)).map((outcome) =>
            outcome.status === 'pending' ? { change: outcome.change, status: 'done' } : outcome,
          ),
      })),
    })),
    among: 'calm',
    narrow: { kind: 'slow' },
  },
  {
    name: 'failed writes are not confirmed either',
    breakIt: interposing(
      'both',
      () => (context) =>
        withRegistries(context, ({ apply }) => ({
          apply: async (changes, signal) =>
            (await apply(changes, signal)).filter(({ status }) => status !== 'retry'),
        })),
    ),
    among: 'calm',
    narrow: { kind: 'plain', ambiguous: [true] },
  },
  {
    name: 'records of others are taken for ours',
    breakIt: interposing('both', () => adopting(CLUSTER)),
    among: 'anything',
  },
  {
    name: 'stops are not heeded',
    breakIt: {
      handleBatch: (deliveries, ...rest) =>
        handleBatch(
          deliveries.filter((one) => !says(one, '"desiredStatus":"STOPPED"')),
          ...rest,
        ),
    },
    among: 'calm',
  },
  {
    name: 'the reconciler does not confirm what it writes',
    breakIt: interposing('reconcile', neverConfirmed),
    among: 'calm',
    narrow: { reconcilers: 2, kind: 'plain', tasks: [['stop'], ['stop']] },
  },
  {
    name: 'a first write does not ask whether the record is there and healthy',
    breakIt: interposing(
      'event',
      () => (context) => withRegistries(context, () => ({ get: () => Promise.resolve([]) })),
    ),
    among: 'anything',
    narrow: { healthCheck: true, kind: 'plain', tasks: [['healthy']], lags: [0, 1, 0] },
  },
  {
    name: 'a container that has stopped takes its whole task along',
    breakIt: interposing('event', () =>
      describing((task) => (stopsContainer(task) ? asStopped(task) : task)),
    ),
    among: 'calm',
    narrow: { sidecar: 'runs', tasks: [['sidecar exits'], ['sidecar exits']] },
  },
  {
    name: 'a round leaves the record of a container that has stopped',
    breakIt: interposing('reconcile', () => describing(withoutStops)),
    among: 'anything',
    narrow: { sidecar: 'runs', tasks: [['sidecar exits'], ['sidecar exits']] },
  },
  {
    name: 'a record is taken out because its task was not seen running',
    breakIt: (() => {
      const unseen = describing((task) => (task.lastStatus === 'RUNNING' ? task : asStopped(task)));
      return { interpose: (path) => (path === 'reconcile' ? unseen : (context) => context) };
    })(),
    among: 'anything',
    narrow: {
      kind: 'plain',
      reconcilers: 2,
      crashes: [0],
      copies: [1],
      lags: [0, 'missing', 0, 'missing', 1],
    },
  },
];

const check = (mutant: Mutant, numRuns: number) => {
  const calm = mutant.among === 'calm';
  const histories = (calm ? calmHistory : anyHistory).map((knobs) => ({
    ...knobs,
    ...mutant.narrow,
  }));
  return fc.check(
    fc.asyncProperty(histories, fc.scheduler(), async (knobs, scheduler) => {
      const rounds = calm ? 0 : knobs.kind === 'lagging' ? 2 : 1;
      const ending = await play(knobs, scheduler, { ...SUBJECT, ...mutant.breakIt }, rounds);
      return (
        ending.violations.length === 0 &&
        faultsAtRest(ending, knobs, calm ? 'records' : 'health too').length === 0
      );
    }),
    { numRuns, endOnFailure: true, seed: 1 },
  );
};

describe('the histories notice when', () => {
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    '%s',
    async (_name, mutant) => {
      const broken = await check(mutant, 2_000);
      expect(broken.failed).toBe(true);
    },
    600_000,
  );
});
