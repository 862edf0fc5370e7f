import { expect } from 'vitest';
import type { Fault } from '../../local/faults.ts';
import { reasonOf } from '../support/outcomes.ts';
import type { Running } from './harness.ts';
import {
  eventually,
  expectHeld,
  expectWritten,
  type Fact,
  listOurs,
  quiet,
  removals,
  type Stage,
  upserts,
} from './stage.ts';

const HTML = '<!doctype html><html><body><h1>Welcome to the gateway</h1></body></html>';

/**
 * Whether a request changes something, as far as its method, or the name of an AWS operation,
 * tells.
 */
const isWrite = (method: string, url: string) =>
  method !== 'GET' && !/^\/(List|Get|Describe|Discover)[A-Z]/.test(url);

const inject = ({ inject: strike }: Running, fault: Omit<Fault, 'times'> & { times?: number }) => {
  if (!strike)
    throw new Error('this harness injects no faults: give it `withoutFaults(reason)` as skip');
  strike({ times: Number.POSITIVE_INFINITY, ...fault });
};

const answer = (status: number): Omit<Fault, 'times'> => ({
  status,
  body: '{"message":"injected"}',
  headers: { 'content-type': 'application/json' },
});

const statusOf = (status: number, expected: 'retry' | 'refused'): Fact => ({
  name: `calls a write that is answered ${status} ${expected}, with a reason, and the next attempt succeeds`,
  needs: 'faults',
  async run(stage) {
    const changes = upserts(stage.fit(stage.instance()));
    inject(stage.running, { ...answer(status), match: isWrite });
    const outcomes = await stage.apply(changes);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(changes.map(() => expected));
    for (const outcome of outcomes)
      expect(reasonOf(outcome)).toContain(stage.running.registry.name);
    stage.running.clearFaults?.();
    expectWritten(await stage.apply(changes));
  },
});

const listFails = (title: string, fault: Omit<Fault, 'times'>): Fact => ({
  name: `throws on ${title} when listing or getting, which never means "nothing registered"`,
  needs: 'faults',
  async run(stage) {
    const records = await stage.put(stage.instance());
    const { registryFor, owner } = stage.running;
    inject(stage.running, fault);
    await expect(registryFor(owner).list(quiet())).rejects.toThrow();
    await expect(registryFor(owner).get(records, quiet())).rejects.toThrow();
    await expect(stage.running.directory.instances(stage.service, quiet())).rejects.toThrow();
    await expect(stage.running.directory.everything(quiet())).rejects.toThrow();
  },
});

/** How many requests one cold listing takes. */
const countReads = async ({ running }: Stage) => {
  let reads = 0;
  inject(running, { match: () => reads++ < 0 });
  await running.registryFor(running.owner).list(quiet());
  running.clearFaults?.();
  return reads;
};

export const faults: readonly Fact[] = [
  statusOf(429, 'retry'),
  statusOf(503, 'retry'),
  statusOf(400, 'refused'),
  statusOf(403, 'refused'),
  listFails('500', answer(500)),
  listFails('403', answer(403)),
  listFails('HTML with 200', { status: 200, body: HTML, headers: { 'content-type': 'text/html' } }),
  listFails('an empty body with 200', { status: 200, body: '' }),
  {
    name: 'throws when any page of a listing fails, and never shortens it',
    needs: 'faults',
    async run(stage) {
      const { registryFor, owner } = stage.running;
      await stage.put(...Array.from({ length: 120 }, () => stage.instance()));
      const reads = await countReads(stage);
      expect(reads).toBeGreaterThan(0);
      for (const failing of new Set(
        [0, 1, Math.floor(reads / 2), reads - 1].filter((at) => at < reads),
      )) {
        let seen = 0;
        inject(stage.running, { ...answer(500), match: () => seen++ >= failing });
        await expect(registryFor(owner).list(quiet()), `read ${failing}`).rejects.toThrow();
        stage.running.clearFaults?.();
      }
    },
  },
  {
    name: 'calls a write that is answered with HTML neither done nor unchanged',
    needs: 'faults',
    async run(stage) {
      const changes = upserts(stage.fit(stage.instance()));
      inject(stage.running, {
        status: 200,
        body: HTML,
        headers: { 'content-type': 'text/html' },
        match: isWrite,
      });
      for (const outcome of await stage.apply(changes)) {
        expect(['retry', 'refused']).toContain(outcome.status);
        expect(reasonOf(outcome)).toBeTruthy();
      }
    },
  },
  {
    name: 'tells the truth of each change when one request of a batch is refused',
    needs: 'faults',
    async run(stage) {
      const changes = upserts([1, 2, 3].flatMap(() => stage.fit(stage.instance())));
      inject(stage.running, { ...answer(400), match: isWrite, times: 1 });
      const outcomes = await stage.apply(changes);
      expect(outcomes.map(({ change }) => change)).toEqual(changes);
      const done = outcomes.filter(({ status }) => status === 'done').map(({ change }) => change);
      await expectHeld(
        stage.running,
        done.flatMap((change) => (change.kind === 'upsert' ? [change.record] : [])),
      );
      expectWritten(await stage.apply(changes));
    },
  },
  {
    name: 'calls a write retry whose connection dropped after it was carried out, and a resend is harmless',
    needs: 'faults',
    async run(stage) {
      const records = stage.fit(stage.instance());
      for (const changes of [upserts(records), removals(records)]) {
        inject(stage.running, { actThenDrop: true, match: isWrite });
        expect((await stage.apply(changes)).map(({ status }) => status)).toEqual(
          changes.map(() => 'retry'),
        );
        stage.running.clearFaults?.();
        expectWritten(await stage.apply(changes));
        await expectHeld(stage.running, changes[0]?.kind === 'upsert' ? records : []);
      }
    },
  },
  {
    name: 'stops when it is aborted: every outcome is retry, and nothing is in flight',
    needs: 'faults',
    async run(stage) {
      const { registry, inFlight } = stage.running;
      const changes = upserts(Array.from({ length: 30 }, () => stage.fit(stage.instance())).flat());
      const controller = new AbortController();
      inject(stage.running, { hang: true });
      const applied = registry.apply(changes, controller.signal);
      await eventually(() => expect(inFlight?.()).toBeGreaterThan(0));
      controller.abort();
      expect((await applied).map(({ status }) => status)).toEqual(changes.map(() => 'retry'));
      await eventually(() => expect(inFlight?.()).toBe(0));
    },
  },
  {
    name: 'sends nothing once it is aborted',
    needs: 'faults',
    async run(stage) {
      const { running } = stage;
      const aborted = AbortSignal.abort();
      const before = running.writes?.();
      const changes = upserts(stage.fit(stage.instance()));
      const outcomes = await running.registry.apply(changes, aborted);
      expect(outcomes.map(({ status }) => status)).toEqual(changes.map(() => 'retry'));
      await expect(running.registry.list(aborted)).rejects.toThrow();
      expect(running.writes?.()).toBe(before);
    },
  },
  {
    name: 'writes nothing when it only reads',
    needs: 'faults',
    async run(stage) {
      const { running } = stage;
      const records = await stage.put(stage.instance());
      const before = running.writes?.();
      expect(before).toBeGreaterThan(0);
      await listOurs(running);
      await running.registry.get(records, quiet());
      await running.directory.everything(quiet());
      await running.directory.instances(stage.service, quiet());
      expect(running.writes?.()).toBe(before);
    },
  },
];
