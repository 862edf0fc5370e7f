import 'aws-sdk-client-mock-vitest/extend';
import { ECSClient, ListServicesCommand } from '@aws-sdk/client-ecs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
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
  const listClusters = async () => [CLUSTER, OTHER, FOREIGN];
  const { servicesNamed } = serviceReader(new ECSClient({}), listClusters, () => now);
  const ask = async (...names: readonly string[]) =>
    [...(await servicesNamed(names, (arn) => arn !== FOREIGN, live()))].sort();
  return { ask, wait: (milliseconds: number) => (now += milliseconds) };
};

describe('the names of ECS services', () => {
  it('are found in whichever cluster and in whatever case, over all pages', async () => {
    const { ask } = start({ [CLUSTER]: ['web', 'worker'], [OTHER]: ['Api'] });
    expect(await ask('WEB', 'worker', 'api', 'none', 'a.b', '')).toEqual(['api', 'web', 'worker']);
  });

  it('are not those of clusters out of scope, which are not asked for', async () => {
    const { ask } = start({ [CLUSTER]: [], [OTHER]: [], [FOREIGN]: ['web'] });
    expect(await ask('web')).toEqual([]);
    expect(ecs).toHaveReceivedCommandTimes(ListServicesCommand, 2);
  });

  it('are none in a cluster that is gone', async () => {
    const { ask } = start({ [CLUSTER]: ['web'] });
    expect(await ask('web')).toEqual(['web']);
  });

  it('are kept for a minute', async () => {
    const { ask, wait } = start({ [CLUSTER]: ['web'], [OTHER]: [] });
    await ask('web');
    wait(59_999);
    expect(await ask('web', 'other')).toEqual(['web']);
    expect(ecs).toHaveReceivedCommandTimes(ListServicesCommand, 2);
    wait(1);
    await ask('web');
    expect(ecs).toHaveReceivedCommandTimes(ListServicesCommand, 4);
  });

  it('are unknown where one call fails, and asked for again', async () => {
    const { ask } = start({ [CLUSTER]: [], [OTHER]: [] });
    ecs.on(ListServicesCommand).rejectsOnce('Rate exceeded').resolves({ serviceArns: [] });
    await expect(ask('web')).rejects.toThrow('Rate exceeded');
    expect(await ask('web')).toEqual([]);
  });
});
