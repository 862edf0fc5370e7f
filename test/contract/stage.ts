import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  type Change,
  type ChangeResult,
  type Outcome,
  operationsOf,
} from '../../shared/model/plan.ts';
import {
  type Instance,
  KEY,
  type Ref,
  type Registration,
} from '../../shared/model/registration.ts';
import { failed } from '../../shared/registries/outcome.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import { operationOf } from '../support/outcomes.ts';
import type { Running } from './harness.ts';
import { instanceFor, uniqueName } from './instance.ts';

/**
 * One sentence that must hold of a registry. `faults`: only a simulator can be made to misbehave.
 */
export interface Fact {
  readonly name: string;
  readonly needs?: 'faults';
  run(stage: Stage): Promise<void>;
}

/** What one test works with: the running registry, and a service name that is its alone. */
export interface Stage {
  readonly running: Running;
  readonly service: string;
  instance(over?: Partial<Instance>): Instance;
  /** The instance's records as the registry would hold them. */
  fit(instance: Instance): readonly Registration[];
  apply(changes: readonly Change[], registry?: Registry): Promise<readonly Outcome[]>;
  /** Registers instances, checks that it was accepted, and gives their records. */
  put(...instances: readonly Instance[]): Promise<readonly Registration[]>;
}

export const stageOn = (running: Running): Stage => {
  const service = uniqueName();
  const stage: Stage = {
    running,
    service,
    instance: (over) => instanceFor(running, { service, ...over }),
    fit: (instance) => running.registry.fit(instance).records,
    apply: async (changes, registry = running.registry) =>
      settle({ ...running, registry }, await registry.apply(changes, quiet())),
    async put(...instances) {
      const records = instances.flatMap(stage.fit);
      expectWritten(await stage.apply(upserts(records)));
      return records;
    },
  };
  return stage;
};

/** A signal that nobody aborts. */
export const quiet = () => new AbortController().signal;

export const upserts = (records: readonly Registration[]): readonly Change[] =>
  records.map((record) => ({ kind: 'upsert', record, reason: 'missing' }));

export const removals = (refs: readonly Ref[]): readonly Change[] =>
  refs.map(({ service, id, cluster }) => ({
    kind: 'remove',
    ref: { service, id, cluster },
    reason: 'stopped',
  }));

/**
 * Waits for a condition by looking again: registries may show a write late. Vitest's own knows only
 * real time.
 */
export const eventually = async <T>(check: () => T | Promise<T>): Promise<T> => {
  for (const deadline = Date.now() + 20_000; ; await sleep(40))
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
};

/**
 * Follows accepted operations to their end: `pending` becomes done, or retry with the operation's
 * reason.
 */
export const settle = async (
  running: Pick<Running, 'registry'>,
  outcomes: readonly Outcome[],
): Promise<readonly Outcome[]> => {
  const operations = outcomes.flatMap(operationsOf);
  const { registry } = running;
  if (operations.length === 0 || !registry.follow) return outcomes;
  const followed = await eventually(async () => {
    const now = (await registry.follow?.(operations, quiet())) ?? [];
    expect(now.filter(({ status }) => status === 'pending')).toEqual([]);
    return new Map(now.map((one) => [one.operation, one]));
  });
  return outcomes.map((outcome): Outcome => {
    const end = followed.get(operationOf(outcome) ?? '');
    if (!end) return outcome;
    const { change, notes } = outcome;
    const result: ChangeResult =
      end.status === 'done' ? { status: 'done' } : failed(end.reason ?? 'the operation failed');
    return { change, ...(notes && { notes }), ...result };
  });
};

/** Fails with the outcome's own reason, which is what one wants to read. */
export const expectWritten = (outcomes: readonly Outcome[]) =>
  expect(outcomes.filter(({ status }) => status !== 'done' && status !== 'unchanged')).toEqual([]);

/** Sorted, so that two lists of records compare as sets. */
export const sorted = (records: readonly Registration[]) =>
  records.toSorted((a, b) => (`${a.service}\0${a.id}` < `${b.service}\0${b.id}` ? -1 : 1));

export const listOurs = async (
  running: Running,
  whose: { owner?: string; registry?: Registry } = {},
) => {
  const { owner = running.owner, registry = running.registry } = whose;
  const { records } = await registry.list(quiet());
  return sorted(records.filter(({ metadata }) => metadata[KEY.owner] === owner));
};

/** Both ways of reading show exactly these records of ours, equal in every field. */
export const expectHeld = async (running: Running, records: readonly Registration[]) => {
  await eventually(async () => expect(await listOurs(running)).toStrictEqual(sorted(records)));
  await eventually(async () =>
    expect(sorted(await running.registry.get(records, quiet()))).toStrictEqual(sorted(records)),
  );
};

/** Takes out every record of this owner: what a test leaves must not reach the next. */
export const clear = async (running: Running, owner = running.owner) => {
  const registry = owner === running.owner ? running.registry : running.registryFor(owner);
  await eventually(async () => {
    const left = await listOurs(running, { owner, registry });
    if (left.length > 0) await settle({ registry }, await registry.apply(removals(left), quiet()));
    expect(left).toEqual([]);
  });
};
