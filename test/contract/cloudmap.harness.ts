import {
  CreateServiceCommand,
  GetInstanceCommand,
  paginateListServices,
  RegisterInstanceCommand,
  type ServiceDiscoveryClient,
} from '@aws-sdk/client-servicediscovery';
import { expect } from 'vitest';
import type { CloudMapConfig } from '../../shared/config/config.ts';
import { createDirectory as createCloudMapDirectory } from '../../shared/registries/cloudmap/directory.ts';
import { createRegistry as createCloudMap } from '../../shared/registries/cloudmap/index.ts';
import { type CloudMapStage, startCloudMap } from '../fixtures/cloudmap.ts';
import { inVirtualTime } from '../support/virtual-time.ts';
import type { Harness, Running } from './harness.ts';
import { eventually } from './stage.ts';

const OWNER = 'rollcall-test:123456789012:eu-west-1';
const CLUSTER = 'arn:aws:ecs:eu-west-1:123456789012:cluster/test';

interface Variant {
  readonly type: 'HTTP' | 'DNS_PRIVATE';
  readonly dns: CloudMapConfig['dns'];
  readonly operationDelayMs: number;
}

export interface CloudMapHarness extends Harness {
  /** For after each test: it leaves services behind, and every listing asks for each of them. */
  deleteEmptyServices(): void;
}

/**
 * One harness for each way of using Cloud Map: the shape of records differs, what is promised does
 * not.
 */
export const cloudMapHarness = ({ type, dns, operationDelayMs }: Variant): CloudMapHarness => {
  let stage: CloudMapStage | undefined;
  return {
    title: `Cloud Map (simulated), namespace ${type}, ROLLCALL_DNS=${dns}`,
    registry: 'cloudmap',
    start: inVirtualTime(async () => {
      stage = await startCloudMap({ type, operationDelayMs });
      return runningOn(stage, { namespace: stage.namespace, dns });
    }),
    deleteEmptyServices: () => stage?.simulator.deleteEmptyServices(),
  };
};

const runningOn = (stage: CloudMapStage, config: CloudMapConfig): Running => ({
  ...cloudMapOn(stage, config),
  inject: (fault) => stage.server.faults.inject(fault),
  clearFaults: () => stage.server.faults.clear(),
  writes: () =>
    stage.server.calls().filter(({ operation }) => !/^(List|Get|Discover)/.test(operation)).length,
  inFlight: stage.server.inFlight,
  stop: stage.stop,
});

interface Place {
  readonly client: ServiceDiscoveryClient;
  readonly namespaceId: string;
}

/** What is the same over any server that speaks Cloud Map's API. */
export const cloudMapOn = (
  { client, namespaceId }: Place,
  config: CloudMapConfig,
): Omit<Running, 'stop'> => {
  const registryFor = (owner: string) => createCloudMap(config, { owner, client });
  return {
    owner: OWNER,
    cluster: CLUSTER,
    registry: registryFor(OWNER),
    directory: createCloudMapDirectory(config, { client }),
    registryFor,
    plantForeign: (record) => plant({ client, namespaceId }, record),
    foreignExists: (record) => exists(client, record),
  };
};

type Foreign = Parameters<Running['plantForeign']>[0];

const plant = async ({ client, namespaceId }: Place, { service, id, address, port }: Foreign) => {
  const found = await findService(client, service);
  const made =
    found ??
    (await client.send(new CreateServiceCommand({ Name: service, NamespaceId: namespaceId })))
      .Service;
  await client.send(
    new RegisterInstanceCommand({
      ServiceId: made?.Id,
      InstanceId: id,
      Attributes: { AWS_INSTANCE_IPV4: address, AWS_INSTANCE_PORT: String(port) },
    }),
  );
  await eventually(async () => expect(await exists(client, { service, id })).toBe(true));
};

const exists = async (
  client: ServiceDiscoveryClient,
  { service, id }: { service: string; id: string },
) => {
  const found = await findService(client, service);
  try {
    await client.send(new GetInstanceCommand({ ServiceId: found?.Id, InstanceId: id }));
    return true;
  } catch {
    return false;
  }
};

const findService = async (client: ServiceDiscoveryClient, name: string) => {
  for await (const { Services } of paginateListServices({ client }, {})) {
    const found = Services?.find(({ Name }) => Name === name);
    if (found) return found;
  }
  return undefined;
};
