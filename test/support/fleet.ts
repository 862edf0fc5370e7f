import type { RunTask } from '../../local/aws/world/launch.ts';
import type { DefinitionInput, Task } from '../../local/aws/world/shapes.ts';
import type { World } from '../../local/aws/world.ts';

export interface FleetSize {
  readonly clusters: number;
  readonly services: number;
  readonly tasks: number;
}

export interface Fleet {
  readonly clusters: readonly string[];
  /** One more task of a service, by its number. */
  run(service: number): Task;
  /** Registers the next revision of a service: the tasks that start from now on are of it. */
  revise(service: number): void;
}

const ZONES = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
const TASKS_PER_HOST = 30;

/**
 * A company's clusters: a quarter of the services in the first, the others spread; two thirds on
 * Fargate, a third on hosts in bridge mode; three zones. No event of what is there at first is
 * delivered.
 */
export const startFleet = (world: World, size: FleetSize): Fleet => {
  const clusters = Array.from({ length: size.clusters }, (_, at) => `cluster-${at}`);
  const clusterOf = (service: number) =>
    clusters[service % 4 === 0 ? 0 : service % clusters.length] ?? '';
  const hosts = new Map<string, { ids: string[]; tasks: number }>();
  for (const name of clusters) world.addCluster(name);
  for (let service = 0; service < size.services; service++)
    world.registerTaskDefinition(definition(service));
  let started = 0;

  const hostIn = (cluster: string, zone: string) => {
    const known = hosts.get(cluster + zone) ?? { ids: [], tasks: 0 };
    hosts.set(cluster + zone, known);
    if (known.tasks++ % TASKS_PER_HOST === 0) {
      const at = world.machines().length;
      const privateIpAddress = `10.9.${at >> 8}.${at & 255}`;
      const { machine } = world.addMachine({ cluster, availabilityZone: zone, privateIpAddress });
      known.ids.push(machine.instanceId);
    }
    return known.ids.at(-1) ?? '';
  };
  const run = (service: number, more: Partial<RunTask> = {}) => {
    const cluster = clusterOf(service);
    const availabilityZone = ZONES[started++ % ZONES.length] ?? '';
    const machine = isBridge(service) ? hostIn(cluster, availabilityZone) : undefined;
    return world.runTask({
      cluster,
      taskDefinition: `service-${service}`,
      service: `service-${service}`,
      availabilityZone,
      launchType: machine ? 'EC2' : 'FARGATE',
      ...(machine && { machine }),
      ...more,
    });
  };
  world.dropNext(Number.POSITIVE_INFINITY);
  for (let at = 0; at < size.tasks; at++) run(at % size.services);
  world.dropNext(0);
  return {
    clusters,
    run,
    revise: (service) => void world.registerTaskDefinition(definition(service)),
  };
};

const isBridge = (service: number) => service % 3 === 0;

const definition = (service: number): DefinitionInput => ({
  family: `service-${service}`,
  networkMode: isBridge(service) ? 'bridge' : 'awsvpc',
  containerDefinitions: [
    {
      name: 'app',
      image: 'example/app:1',
      portMappings: [{ containerPort: 8080 }],
      dockerLabels: { SERVICE_TAGS: 'blue,v1', SERVICE_TEAM: `team-${service % 20}` },
    },
  ],
});
