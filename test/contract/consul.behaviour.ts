import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NODE_KINDS, type NodeKind, toNodeName } from '../../shared/registries/consul/names.ts';
import type { Listing } from '../../shared/registries/registry.ts';
import type { ConsulHarness, ConsulRunning } from './consul.harness.ts';
import { probes } from './consul.probes.ts';
import { instanceFor } from './instance.ts';
import { clear, expectHeld, expectWritten, quiet, sorted, stageOn, upserts } from './stage.ts';

/** What of a server's answers is looked at here. */
interface Answer {
  readonly Node: {
    readonly Node: string;
    readonly Address: string;
    readonly Meta: Readonly<Record<string, string>> | null;
    readonly CreateIndex: number;
    readonly ModifyIndex: number;
  };
  readonly Services: readonly { readonly ID: string; readonly ModifyIndex: number }[];
}

type NodeMeta = Readonly<Record<string, string>>;

const FOR_ESM = { 'external-node': 'true', 'external-probe': 'false' };

/**
 * What Rollcall promises of Consul beyond the contract; run on the simulator and on real servers.
 */
export const behaviour = (harness: ConsulHarness): void => {
  for (const kind of NODE_KINDS) nodes(harness, kind);
  probes(harness);
};

/** What is put right where somebody, or an earlier version, has written one of our nodes. */
const nodes = (harness: ConsulHarness, kind: NodeKind): void => {
  describe(`${harness.title}: a node (${kind}) that somebody registers anew`, () => {
    let running: ConsulRunning;
    beforeAll(async () => {
      running = await harness.start();
    });
    afterEach(async () => {
      await running.registry.repair?.(running.cluster, quiet());
      await clear(running);
    });
    afterAll(() => running?.stop());

    const read = async <T>(path: string) => JSON.parse(await running.call('GET', path)) as T;
    const nameOfNode = () => running.nodes[kind];
    const readNode = () => read<Answer>(`/v1/catalog/node-services/${nameOfNode()}`);
    const readChecks = () => read<readonly object[]>(`/v1/health/node/${nameOfNode()}`);
    const list = () => running.registry.list(quiet());
    const repair = () => running.registry.repair?.(running.cluster, quiet());
    const flawOf = (listing: Listing) => listing.flaw?.(running.cluster);
    const check = { kind: 'tcp', target: '10.0.1.17:80' } as const;
    /** Of records that stand on this node. */
    const standing = kind === 'esm' ? { check } : {};

    /** As an operator's tool would: what it does not send is gone. */
    const registerAnew = (node: { Address?: string; NodeMeta?: NodeMeta }) =>
      running.call('PUT', '/v1/catalog/register', {
        Node: nameOfNode(),
        Address: '127.0.0.1',
        ...node,
      });

    const marksWithout = (...keys: readonly string[]) => ({
      NodeMeta: Object.fromEntries(
        Object.entries({
          ...(kind === 'esm' && FOR_ESM),
          'rollcall-owner': running.owner,
          'rollcall-cluster': running.cluster,
        }).filter(([key]) => !keys.includes(key)),
      ),
    });

    const anew: readonly (readonly [string, string, () => Parameters<typeof registerAnew>[0]])[] = [
      ['without its metadata', 'lacks the metadata ', () => ({})],
      ['without its owner', 'the metadata rollcall-owner', () => marksWithout('rollcall-owner')],
      [
        'without its cluster',
        'the metadata rollcall-cluster',
        () => marksWithout('rollcall-cluster'),
      ],
      [
        'without either mark',
        'rollcall-owner',
        () => marksWithout('rollcall-owner', 'rollcall-cluster'),
      ],
      [
        'at another address',
        'the address 127.0.0.1',
        () => ({ ...marksWithout(), Address: '192.0.2.1' }),
      ],
      kind === 'esm'
        ? [
            'without consul-esm’s mark',
            'the metadata external-node',
            () => marksWithout('external-node'),
          ]
        : [
            'with consul-esm’s mark, as an earlier version did',
            'bears the metadata external-node, external-probe',
            () => ({ NodeMeta: { ...FOR_ESM, ...marksWithout().NodeMeta } }),
          ],
    ];

    test.each(anew)(
      '%s is told and listed whole, and is put right with nothing on it touched',
      async (_, lacks, how) => {
        const stage = stageOn(running);
        const foreign = {
          service: stage.service,
          id: `${stage.service}-x`,
          address: '10.9.9.9',
          port: 80,
        };
        // One of each, so that the other node is there too.
        const records = await stage.put(stage.instance(), stage.instance({ check }));
        await running.plantForeign(foreign);
        const whole = await list();
        expect(flawOf(whole)).toBeUndefined();
        const before = await readNode();
        const checks = await readChecks();

        await registerAnew(how());
        const blind = await readNode();
        const listing = await list();
        expect(sorted(listing.records)).toStrictEqual(sorted(whole.records));
        expect(listing.unknown).toBeUndefined();
        expect(flawOf(listing)?.reason).toContain(lacks);
        expect(await readNode()).toStrictEqual(blind);

        expect(await repair()).toEqual({ status: 'done' });
        const after = await readNode();
        expect(after.Node).toMatchObject({ Address: before.Node.Address });
        expect(after.Node.Meta).toEqual(before.Node.Meta);
        expect(after.Services).toStrictEqual(before.Services);
        expect(await readChecks()).toStrictEqual(checks);
        expect(flawOf(await list())).toBeUndefined();
        expect(await repair()).toEqual({ status: 'unchanged' });
        expect(await readNode()).toStrictEqual(after);
        await expectHeld(running, records);
        await running.call('PUT', '/v1/catalog/deregister', {
          Node: running.nodes.plain,
          ServiceID: foreign.id,
        });
      },
    );

    test('keeps what else its metadata says when it is put right', async () => {
      const stage = stageOn(running);
      await stage.put(stage.instance(standing));
      await registerAnew({ NodeMeta: { rack: '7' } });
      expect(await repair()).toEqual({ status: 'done' });
      expect((await readNode()).Node.Meta).toEqual({ rack: '7', ...marksWithout().NodeMeta });
    });

    test('under another owner’s mark is foreign: it is told, not put right, and nothing of it is listed', async () => {
      const stage = stageOn(running);
      await stage.put(stage.instance(standing));
      await registerAnew({ NodeMeta: { 'rollcall-owner': 'somebody else' } });
      const taken = await readNode();
      const listing = await list();
      expect(listing.records).toEqual([]);
      expect(flawOf(listing)).toMatchObject({
        foreign: true,
        reason: expect.stringContaining('"somebody else"'),
      });
      expect(await repair()).toMatchObject({
        status: 'refused',
        reason: expect.stringContaining('another owner'),
      });
      expect(await readNode()).toStrictEqual(taken);
      await registerAnew({});
    });

    test('under a name that no path can carry stops no list', async () => {
      const stage = stageOn(running);
      const records = await stage.put(stage.instance(standing));
      const names = ['/../../../agent/self', '?filter=x', ' x', '..'].map(
        (end) => `rollcall-${end}`,
      );
      for (const Node of names)
        await running.call('PUT', '/v1/catalog/register', { Node, Address: '127.0.0.1' });
      expect(sorted((await list()).records)).toStrictEqual(sorted(records));
      for (const Node of names) await running.call('PUT', '/v1/catalog/deregister', { Node });
    });

    test('is no flaw of ours where it is another owner’s, who lists it all the same', async () => {
      const { cluster } = running;
      const owner = `${running.owner}-other`;
      const other = running.registryFor(owner);
      const { records } = other.fit(instanceFor({ owner, cluster }, standing));
      expectWritten(await other.apply(upserts(records), quiet()));
      const node = { Node: toNodeName(owner, { cluster, kind }), Address: '127.0.0.1' };
      await running.call('PUT', '/v1/catalog/register', node);
      const mine = await list();
      expect([mine.records, flawOf(mine)]).toEqual([[], undefined]);
      const theirs = await other.list(quiet());
      expect(theirs.records).toStrictEqual(records);
      expect(theirs.flaw?.(cluster)?.foreign).toBeUndefined();
      expect(await other.repair?.(cluster, quiet())).toEqual({ status: 'done' });
      await clear(running, owner);
    });
  });
};
