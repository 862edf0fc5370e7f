import {
  DescribeTaskDefinitionCommand,
  type DescribeTaskDefinitionCommandOutput,
  type ECSClient,
} from '@aws-sdk/client-ecs';
import type { DefinitionArn } from '../model/arn.ts';
import type { ContainerDefinition, Definition, PortMapping } from '../model/task.ts';
import { BoundedMap } from '../platform/bounded-map.ts';
import { isRefusal } from './batches.ts';
import { fromPairs, toProtocol, toRange } from './task.ts';

/**
 * Revisions kept while warm: 5,000 tasks, each of its own revision, and each deployed anew. Each
 * round asks for all in turn, so with one too few in the cache none would be found there. At some 5
 * KB each they are 50 MB.
 */
const LIMIT = 10_000;

/**
 * Reads task definitions with their tags, each revision once: they cannot change, and one
 * DescribeTaskDefinition reads only one. Calls for the same revision share one request; a failed
 * request is not remembered.
 */
export const definitionReader = (ecs: Pick<ECSClient, 'send'>) => {
  const known = new BoundedMap<DefinitionArn, Promise<Definition | undefined>>(LIMIT);
  return (arn: DefinitionArn, signal: AbortSignal): Promise<Definition | undefined> => {
    const cached = known.get(arn);
    if (cached) return cached;
    const reading = describeDefinition(ecs, arn, signal);
    known.set(arn, reading);
    reading.then(
      (found) => found ?? known.delete(arn),
      () => known.delete(arn),
    );
    return reading;
  };
};

const describeDefinition = async (
  ecs: Pick<ECSClient, 'send'>,
  arn: DefinitionArn,
  signal: AbortSignal,
) => {
  try {
    const command = new DescribeTaskDefinitionCommand({ taskDefinition: arn, include: ['TAGS'] });
    return toDefinition(arn, await ecs.send(command, { abortSignal: signal }));
  } catch (error) {
    // ECS has no "not found" error of its own for definitions: a ClientException says it in words.
    // An ARN that it refuses, which an event may bring, names no definition either.
    if (isRefusal(error)) return undefined;
    throw error;
  }
};

const NETWORK_MODES = ['awsvpc', 'host', 'none'] as const;

const toDefinition = (
  arn: DefinitionArn,
  { taskDefinition, tags }: DescribeTaskDefinitionCommandOutput,
): Definition => ({
  arn,
  family: taskDefinition?.family ?? '',
  // Not given means bridge, Docker's default on Linux.
  networkMode: NETWORK_MODES.find((mode) => mode === taskDefinition?.networkMode) ?? 'bridge',
  containers: (taskDefinition?.containerDefinitions ?? []).map((container) =>
    toContainer(container, taskDefinition?.proxyConfiguration?.containerName),
  ),
  tags: fromPairs((tags ?? []).map(({ key, value }) => ({ name: key, value }))),
});

type RawContainer = NonNullable<
  NonNullable<DescribeTaskDefinitionCommandOutput['taskDefinition']>['containerDefinitions']
>[number];

const toContainer = (raw: RawContainer, proxy: string | undefined): ContainerDefinition => ({
  name: raw.name ?? '',
  image: raw.image ?? '',
  ports: (raw.portMappings ?? []).flatMap(toPort),
  labels: raw.dockerLabels ?? {},
  environment: fromPairs(raw.environment ?? []),
  hasHealthCheck: raw.healthCheck !== undefined && raw.healthCheck.command?.[0] !== 'NONE',
  isEssential: raw.essential ?? true,
  ...(raw.restartPolicy?.enabled && { isRestarted: true }),
  ...(raw.firelensConfiguration && { sidecar: 'log router' }),
  ...(raw.name !== undefined && raw.name === proxy && { sidecar: 'proxy' }),
});

const toPort = (raw: NonNullable<RawContainer['portMappings']>[number]): PortMapping[] => {
  const common = { protocol: toProtocol(raw.protocol), ...(raw.name && { name: raw.name }) };
  if (raw.containerPort !== undefined) {
    return [{ ...common, containerPort: raw.containerPort, hostPort: raw.hostPort ?? 0 }];
  }
  const range = toRange(raw.containerPortRange);
  if (!range) return [];
  const { first: containerPort, last: lastContainerPort } = range;
  return [{ ...common, containerPort, lastContainerPort, hostPort: 0 }];
};
