import { expect } from 'vitest';
import type { Outcome } from '../../shared/model/plan.ts';
import type { Registration } from '../../shared/model/registration.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import { instanceFor } from '../contract/instance.ts';
import { eventually, expectWritten, quiet, removals, sorted, upserts } from '../contract/stage.ts';

const CLUSTER = 'arn:aws:ecs:eu-west-1:123456789012:cluster/loss';
const WRITES = 60;

interface Loss {
  readonly registry: Registry;
  readonly owner: string;
  /** Kills the server that answered so far. */
  readonly lose: () => Promise<void>;
  /**
   * Whether writes may be lost with it that it had accepted; they are then made again, as the
   * reconciler does.
   */
  readonly forgets?: boolean;
}

/**
 * Records are written one after another, a server is lost a third of the way, and what could not be
 * written is sent again, as the event path does. In the end all are held, renewed where they live
 * on leases, and removed.
 */
export const continueThrough = async ({
  registry,
  owner,
  lose,
  forgets = false,
}: Loss): Promise<void> => {
  const records = Array.from({ length: WRITES }, (_, at) =>
    registry.fit(instanceFor({ owner, cluster: CLUSTER }, { port: 9000 + at })),
  ).flatMap((fitted) => fitted.records);
  const atLoss = Math.floor(records.length / 3);
  for (const [at, record] of records.entries()) {
    if (at === atLoss) await lose();
    await persist(() => registry.apply(upserts([record]), quiet()));
  }
  const held = () => listOurs(registry, owner);
  await eventually(async () => {
    const ids = new Set((await held()).map(({ id }) => id));
    const lost = records.filter(({ id }) => !ids.has(id));
    if (forgets) await registry.apply(upserts(lost), quiet());
    expect(await held()).toStrictEqual(sorted(records));
  });
  const { renew } = registry;
  if (renew) await persist(() => renew(records, quiet()));
  await persist(() => registry.apply(removals(records), quiet()));
  await eventually(async () => expect(await held()).toEqual([]));
};

/** Sent until it is done: a failure must be told as one to try again, never as final. */
const persist = (send: () => Promise<readonly Outcome[]>): Promise<void> =>
  eventually(async () => {
    const outcomes = await send();
    expect(outcomes.filter(({ status }) => status === 'refused' || status === 'gone')).toEqual([]);
    expectWritten(outcomes);
  });

const listOurs = async (registry: Registry, owner: string): Promise<readonly Registration[]> => {
  const { records } = await registry.list(quiet());
  return sorted(records.filter(({ metadata }) => metadata['ROLLCALL_OWNER'] === owner));
};
