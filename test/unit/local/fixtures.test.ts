import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { AwsEvent, DefinitionInput } from '../../../local/aws/world/shapes.ts';
import { createWorld } from '../../../local/aws/world.ts';

const FOLDER = new URL('../../fixtures/', import.meta.url);
const files = readdirSync(new URL('events/', FOLDER));
const read = (name: string): AwsEvent =>
  JSON.parse(readFileSync(new URL(`events/${name}.json`, FOLDER), 'utf8'));

/**
 * `containers[].networkBindings[].hostPort: number` and so on: every path in a value with the type
 * at its end.
 */
const paths = (value: unknown, at = ''): string[] => {
  if (Array.isArray(value)) return value.flatMap((each) => paths(each, `${at}[]`));
  if (typeof value !== 'object' || value === null) return [`${at}: ${typeof value}`];
  return Object.entries(value).flatMap(([key, member]) => paths(member, at ? `${at}.${key}` : key));
};

test('every recorded event has its origin in the list', () => {
  const listed = readFileSync(new URL('README.md', FOLDER), 'utf8').matchAll(/^\| `([\w-]+)` \|/gm);
  expect([...listed].map(([, name]) => `${name}.json`).toSorted()).toEqual(files.toSorted());
});

describe("the world's events have no member that AWS's lack, and the same types", () => {
  const documented = new Set(
    files
      .filter((file) => file.startsWith('task-'))
      .flatMap((file) => paths(read(file.replace('.json', '')))),
  );
  test.each<[string, Partial<DefinitionInput>]>([
    ['Fargate', { networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] }],
    ['awsvpc on EC2', { networkMode: 'awsvpc' }],
    ['bridge', {}],
    ['host', { networkMode: 'host' }],
  ])('%s', (_form, more) => {
    const world = createWorld();
    const events: AwsEvent[] = [];
    world.onEvent((event) => events.push(event));
    world.addCluster('default');
    world.addMachine({ cluster: 'default', ipv6Bindings: 'same port' });
    const portMappings = [{ containerPort: 80 }, { containerPortRange: '8000-8001' }];
    world.registerTaskDefinition({
      family: 'web',
      containerDefinitions: [{ name: 'web', image: 'web', portMappings }],
      ...more,
    });
    const { taskArn } = world.runTask({
      cluster: 'default',
      taskDefinition: 'web',
      service: 'web',
      capacityProvider: 'FARGATE_SPOT',
    });
    world.stopTask(taskArn);
    const unknown = events.flatMap((event) => paths(event)).filter((path) => !documented.has(path));
    expect(events).toHaveLength(9);
    expect(unknown).toEqual([]);
  });

  test('EC2 instance', () => {
    const world = createWorld();
    const events: AwsEvent[] = [];
    world.onEvent((event) => events.push(event));
    const { machine } = world.addMachine({ cluster: 'default' });
    world.setMachineState(machine.instanceId, 'shutting-down');
    expect(events.flatMap((event) => paths(event))).toEqual(
      paths(read('ec2-instance-shutting-down')),
    );
  });
});
