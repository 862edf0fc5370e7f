import 'aws-sdk-client-mock-vitest/extend';
import { DescribeServicesCommand, ECSClient, ListServicesCommand } from '@aws-sdk/client-ecs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { serviceFactsReader } from '../../../shared/source/service-facts.ts';
import { serviceReader } from '../../../shared/source/services.ts';
import { CLUSTER } from './sdk.ts';

const OTHER = `${CLUSTER}-2` as const;
const FOREIGN = `${CLUSTER}-3` as const;
const live = () => new AbortController().signal;

const ecs = mockClient(ECSClient);
afterEach(() => ecs.reset());
afterAll(() => ecs.restore());

/** ECS that has services of these names, by cluster; one a page. */
const start = (services: Readonly<Record<string, readonly string[]>>) => {
  ecs.on(ListServicesCommand).callsFake(({ cluster, nextToken = '0' }) => {
    const there = services[cluster];
    if (!there)
      throw Object.assign(new Error('Cluster not found.'), { name: 'ClusterNotFoundException' });
    const at = Number(nextToken);
    const serviceArns = there.slice(at, at + 1).map((name) => `arn:aws:ecs:r:a:service/c/${name}`);
    return { serviceArns, ...(at + 1 < there.length && { nextToken: String(at + 1) }) };
  });
  let now = 0;
  const recentClusters = async () => [CLUSTER, OTHER, FOREIGN];
  const { services: read } = serviceReader(new ECSClient({}), recentClusters, () => now);
  const ask = async () => {
    const { found, unread } = await read((arn) => arn !== FOREIGN, live());
    return [
      ...[...found].map(([cluster, names]) => [cluster, ...names].join(' ')),
      ...[...unread].map(([cluster, error]) => `${cluster}: ${(error as Error).message}`),
    ];
  };
  return { ask, wait: (milliseconds: number) => (now += milliseconds) };
};

describe('the names of ECS services', () => {
  it('are read by cluster, over all pages', async () => {
    const { ask } = start({ [CLUSTER]: ['web', 'worker'], [OTHER]: ['Api'] });
    expect(await ask()).toEqual([`${CLUSTER} web worker`, `${OTHER} Api`]);
  });

  it('are not those of clusters out of scope, which are not asked for', async () => {
    const { ask } = start({ [CLUSTER]: [], [OTHER]: [], [FOREIGN]: ['web'] });
    expect(await ask()).toEqual([CLUSTER, OTHER]);
    expect(ecs).toHaveReceivedCommandTimes(ListServicesCommand, 2);
  });

  it('are none in a cluster that is gone', async () => {
    const { ask } = start({ [CLUSTER]: ['web'] });
    expect(await ask()).toEqual([`${CLUSTER} web`, OTHER]);
  });

  it('are kept for a minute', async () => {
    const { ask, wait } = start({ [CLUSTER]: ['web'], [OTHER]: [] });
    await ask();
    wait(59_999);
    await ask();
    expect(ecs).toHaveReceivedCommandTimes(ListServicesCommand, 2);
    wait(1);
    await ask();
    expect(ecs).toHaveReceivedCommandTimes(ListServicesCommand, 4);
  });

  it('are unknown of a cluster whose call fails, and of no other, and asked for again', async () => {
    const { ask } = start({ [CLUSTER]: [], [OTHER]: [] });
    ecs.on(ListServicesCommand).rejectsOnce('Rate exceeded').resolves({ serviceArns: [] });
    expect(await ask()).toEqual([OTHER, `${CLUSTER}: Rate exceeded`]);
    expect(await ask()).toEqual([CLUSTER, OTHER]);
  });

  it('are for ten minutes those that were known last, where they cannot be asked for', async () => {
    const { ask, wait } = start({ [CLUSTER]: ['web'], [OTHER]: [] });
    await ask();
    ecs.on(ListServicesCommand).rejects('Rate exceeded');
    wait(599_999);
    expect(await ask()).toEqual([`${CLUSTER} web`, OTHER]);
    wait(1);
    expect(await ask()).toEqual([`${CLUSTER}: Rate exceeded`, `${OTHER}: Rate exceeded`]);
  });
});

describe('what ECS says of single services', () => {
  const NAMES = Array.from({ length: 11 }, (_, at) => `s${at}`);
  const describeAll = () => {
    let now = 0;
    ecs.on(DescribeServicesCommand).callsFake(({ services = [] }) => ({
      services: services.map((serviceName: string) => ({
        serviceName,
        createdAt: new Date(Number(serviceName.slice(1))),
      })),
      failures: [],
    }));
    const { serviceFacts } = serviceFactsReader(new ECSClient({}), () => now);
    return {
      ask: (...names: readonly string[]) => serviceFacts(CLUSTER, names, live()),
      wait: (milliseconds: number) => (now += milliseconds),
    };
  };

  it('is when they were created, ten a call', async () => {
    const { ask } = describeAll();
    const facts = await ask(...NAMES);
    expect(facts.get('s10')).toEqual({ createdAt: 10 });
    expect(ecs).toHaveReceivedCommandTimes(DescribeServicesCommand, 2);
  });

  it('is kept for a minute, each by itself', async () => {
    const { ask, wait } = describeAll();
    await ask('s1');
    await ask('s1', 's2');
    expect(ecs).toHaveReceivedNthCommandWith(DescribeServicesCommand, 2, { services: ['s2'] });
    wait(60_000);
    await ask('s1');
    expect(ecs).toHaveReceivedCommandTimes(DescribeServicesCommand, 3);
  });

  it('is nothing of a service that ECS does not know', async () => {
    const { ask } = describeAll();
    ecs.on(DescribeServicesCommand).resolves({ failures: [{ arn: 's1', reason: 'MISSING' }] });
    expect(await ask('s1')).toEqual(new Map());
  });
});
