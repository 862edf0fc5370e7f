import {
  DescribeTaskDefinitionCommand,
  type DescribeTaskDefinitionCommandOutput,
} from '@aws-sdk/client-ecs';
import type { Rules } from '../../../shared/config/config.ts';
import { derive } from '../../../shared/derive/derive.ts';
import type { Instance } from '../../../shared/model/registration.ts';
import type { Definition } from '../../../shared/model/task.ts';
import * as cloudmap from '../../../shared/registries/cloudmap/record.ts';
import * as consul from '../../../shared/registries/consul/record.ts';
import * as eureka from '../../../shared/registries/eureka/record.ts';
import { definitionReader } from '../../../shared/source/definition.ts';
import { binding, host, rules, running, task } from '../derive/builders.ts';

type Raw = NonNullable<DescribeTaskDefinitionCommandOutput['taskDefinition']> & {
  readonly tags?: DescribeTaskDefinitionCommandOutput['tags'];
};

/** The definition as ECS would describe it, read by the reader that is deployed. */
const readDefinition = async (text: string): Promise<Definition> => {
  const { tags, ...taskDefinition }: Raw = JSON.parse(text);
  const arn = 'arn:aws:ecs:eu-west-1:111122223333:task-definition/example:1';
  const send = async (command: unknown) => {
    if (!(command instanceof DescribeTaskDefinitionCommand))
      throw new Error('expected DescribeTaskDefinition');
    return { taskDefinition: { ...taskDefinition, taskDefinitionArn: arn }, tags };
  };
  const read = definitionReader({ send } as unknown as Parameters<typeof definitionReader>[0]);
  const definition = await read(arn, new AbortController().signal);
  if (!definition) throw new Error('no definition');
  return definition;
};

/**
 * What a page's definition derives: one healthy task of an ECS service that is called as the
 * family, at 10.0.1.163, or on the host 10.0.9.9, where Docker chose the ports from 32768 on.
 */
export const deriveExample = async (text: string, said: Partial<Rules>) => {
  const definition = await readDefinition(text);
  let port = 32_768;
  const containers = definition.containers.map(({ name, ports }) =>
    running({
      name,
      health: 'HEALTHY',
      bindings: ports.map((one) => binding(one.containerPort, port++, { protocol: one.protocol })),
    }),
  );
  const example = task({ group: `service:${definition.family}`, health: 'HEALTHY', containers });
  return derive({ task: example, definition, host: host() }, rules(said));
};

/** An instance as each registry's writer sends it. */
export const WRITTEN: Readonly<Record<string, (instance: Instance) => readonly object[]>> = {
  consul: (instance) => consul.fitInstance(instance).records.map(consul.fromRecord),
  cloudmap: (instance) =>
    cloudmap.fitInstance(instance, 'auto').records.map((record) => ({
      service: record.service,
      ...cloudmap.fromRecord(record),
    })),
  eureka: (instance) =>
    eureka
      .fitInstance(instance)
      .records.map((record) => eureka.fromRecord(record, 'UP', 0).instance),
};
