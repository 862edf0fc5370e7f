import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { anyHistory, calmHistory, faultsAtRest, type Knobs, play, type Subject } from './history.ts';

/**
 * Each rule of the protocol, broken in one place: the histories must notice. A mutant that survives means that the
 * race tests have gone blind, not that the rule does not matter.
 */
interface Mutant {
  readonly name: string;
  readonly module: string;
  readonly breakIt: (original: Record<string, unknown>) => Record<string, unknown>;
  /** Where it shows: among losses and deaths, or already where events alone should be enough. */
  readonly among: 'anything' | 'calm';
  readonly narrow?: Partial<Knobs>;
}

// biome-ignore lint/suspicious/noExplicitAny: a mutant reaches into modules whose types it breaks on purpose.
type Broken = any;

const SYNC = '../../../shared/sync';

const MUTANTS: readonly Mutant[] = [
  {
    name: 'a write is not confirmed',
    module: `${SYNC}/confirm.ts`,
    breakIt: (original: Broken) => ({
      ...original,
      confirm: async (written: Broken) =>
        written.map(() => ({ corrections: [], unsure: new Set(), missing: new Set() })),
    }),
    among: 'calm',
  },
  {
    name: 'a look that finds a task stopped skips it',
    module: `${SYNC}/sight.ts`,
    breakIt: (original: Broken) => ({
      ...original,
      see: async (works: Broken, ...rest: Broken) => {
        const seen = await original.see(works, ...rest);
        const skip = (sight: Broken) => sight.action === 'remove' && !sight.work.event;
        return { ...seen, sights: seen.sights.filter((sight: Broken) => !skip(sight)) };
      },
    }),
    among: 'calm',
    narrow: { operationFails: [true, false, false], kind: 'slow' },
  },
  {
    name: 'whatever is not RUNNING is taken out',
    module: `${SYNC}/describe.ts`,
    breakIt: (original: Broken) => ({
      ...original,
      describeByCluster: async (...args: Broken) => {
        const found = await original.describeByCluster(...args);
        const stop = ([arn, task]: Broken) => [arn, { ...task, version: 99, desiredStatus: 'STOPPED' }];
        const entries = [...found.tasks].map((entry: Broken) =>
          entry[1].lastStatus === 'RUNNING' ? entry : stop(entry),
        );
        return { ...found, tasks: new Map(entries) };
      },
    }),
    among: 'anything',
  },
  {
    name: 'a task missing though young is taken out',
    module: `${SYNC}/describe.ts`,
    breakIt: (original: Broken) => ({ ...original, isLongGone: () => true }),
    among: 'anything',
  },
  {
    name: 'what is accepted counts as done',
    module: `${SYNC}/write.ts`,
    breakIt: (original: Broken) => ({ ...original, isSettled: () => true }),
    among: 'calm',
    narrow: { kind: 'slow' },
  },
  {
    name: 'failed writes are not confirmed either',
    module: `${SYNC}/write.ts`,
    breakIt: (original: Broken) => ({
      ...original,
      apply: async (...args: Broken) =>
        (await original.apply(...args)).filter((outcome: Broken) => outcome.status !== 'retry'),
    }),
    among: 'calm',
    narrow: { kind: 'plain', ambiguous: [true] },
  },
  {
    name: 'records of others are taken for ours',
    module: '../../../shared/plan/plan.ts',
    breakIt: (original: Broken) => ({
      ...original,
      planCluster: (input: Broken) =>
        original.planCluster({
          ...input,
          held: input.held.map((record: Broken) => ({
            ...record,
            metadata: {
              ...record.metadata,
              ROLLCALL_OWNER: input.config.owner,
              ROLLCALL_CLUSTER: input.cluster,
            },
          })),
          fate: (record: Broken) =>
            record.metadata.ROLLCALL_TASK ? input.fate(record) : { verdict: 'gone', reason: 'stale' },
        }),
    }),
    among: 'anything',
  },
  {
    name: 'stops are not heeded',
    module: `${SYNC}/collect.ts`,
    breakIt: (original: Broken) => ({
      ...original,
      collect: async (...args: Broken) => {
        const collected = await original.collect(...args);
        const runs = (work: Broken) => work.event?.task.desiredStatus !== 'STOPPED';
        return { ...collected, works: collected.works.filter(runs) };
      },
    }),
    among: 'calm',
  },
  {
    name: 'the reconciler does not confirm what it writes',
    module: `${SYNC}/reconcile-registry.ts`,
    breakIt: (original: Broken) => ({
      ...original,
      carryOut: async (registry: Broken, plan: Broken, truth: Broken, deps: Broken, signal: Broken) => {
        const blind = {
          ...deps,
          source: { ...deps.source, describeTasks: async () => ({ tasks: [], missing: [] }) },
        };
        return original.carryOut(registry, plan, truth, blind, signal);
      },
    }),
    among: 'calm',
    narrow: { reconcilers: 2, kind: 'plain', tasks: [['stop'], ['stop']] },
  },
  {
    name: 'a task with a health check is written without a look',
    module: '../../../shared/derive/needs.ts',
    breakIt: (original: Broken) => ({ ...original, hasHealthCheck: () => false }),
    among: 'calm',
    narrow: { healthCheck: true, kind: 'plain', tasks: [['healthy']], old: [false] },
  },
  {
    name: 'a record is taken out because its task was not seen running',
    module: `${SYNC}/truth.ts`,
    breakIt: (original: Broken) => ({
      ...original,
      fateIn: (truth: Broken, registry: Broken, now: Broken) => (record: Broken) => {
        const fate = original.fateIn(truth, registry, now)(record);
        return fate.verdict === 'keep' ? { verdict: 'gone', reason: 'not seen running' } : fate;
      },
    }),
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

afterEach(() => {
  for (const { module } of MUTANTS) vi.doUnmock(module);
  vi.resetModules();
});

const mutate = async ({ module, breakIt }: Mutant): Promise<Subject> => {
  vi.resetModules();
  vi.doMock(module, async (importOriginal) => breakIt(await importOriginal<Record<string, unknown>>()));
  const { handleBatch } = await import('../../../shared/sync/event.ts');
  const { reconcile } = await import('../../../shared/sync/reconcile.ts');
  const { Memory } = await import('../../../shared/sync/memory.ts');
  return { handleBatch, reconcile, Memory };
};

const check = (mutant: Mutant, subject: Subject, numRuns: number) => {
  const calm = mutant.among === 'calm';
  const histories = (calm ? calmHistory : anyHistory).map((knobs) => ({ ...knobs, ...mutant.narrow }));
  return fc.check(
    fc.asyncProperty(histories, fc.scheduler(), async (knobs, scheduler) => {
      const rounds = calm ? 0 : knobs.kind === 'lagging' ? 2 : 1;
      const ending = await play(knobs, scheduler, subject, rounds);
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
      const broken = await check(mutant, await mutate(mutant), 2_000);
      expect(broken.failed).toBe(true);
    },
    120_000,
  );
});
