import type { Delivery } from './delivery.ts';
import type { createEvents } from './events.ts';
import { lastSegment, type Names } from './names.ts';
import type { ContainerInstance, InstanceState, Machine } from './shapes.ts';

export interface MachineOptions extends Partial<Omit<Machine, 'launchTime'>> {
  readonly cluster: string;
  /** ECS Anywhere: an `mi-…` id, unknown to EC2, described by SSM. */
  readonly external?: boolean;
  /** Of the container instance; a new one unless given. */
  readonly containerInstanceArn?: string;
}

export interface Machines {
  addMachine(options: MachineOptions): { machine: Machine; containerInstance: ContainerInstance };
  machines(): readonly Machine[];
  machine(instanceId: string): Machine | undefined;
  containerInstances(clusterArn: string): readonly ContainerInstance[];
  containerInstance(clusterArn: string, idOrArn: string): ContainerInstance | undefined;
  /** EC2's word only, with its event: ECS may go on calling the tasks RUNNING for minutes. */
  setMachineState(instanceId: string, state: InstanceState): void;
  /**
   * A zone's outage: EC2 describes none of its instances, nor any where it is asked for all.
   * Returns what ends it.
   */
  loseZone(availabilityZone: string): () => void;
  /** The zones in an outage. */
  lostZones(): ReadonlySet<string>;
  /** ECS's word, with its event. */
  changeContainerInstance(
    idOrArn: string,
    change: Partial<Pick<ContainerInstance, 'status' | 'agentConnected'>>,
  ): void;
}

interface Context {
  readonly names: Names;
  readonly now: () => number;
  readonly events: ReturnType<typeof createEvents>;
  readonly emit: (event: Parameters<Parameters<Delivery['onEvent']>[0]>[0]) => void;
}

export const createMachines = ({ names, now, events, emit }: Context): Machines => {
  const machines = new Map<string, Machine>();
  /** By cluster ARN, then by id. */
  const registered = new Map<string, Map<string, ContainerInstance>>();
  const lost = new Set<string>();

  const toMachine = (options: MachineOptions): Machine => {
    const { cluster: _, containerInstanceArn: __, external, ...given } = options;
    return {
      availabilityZone: `${names.region}a`,
      privateIpAddress: `10.1.0.${10 + machines.size}`,
      state: 'running',
      ...given,
      instanceId: given.instanceId ?? `${external ? 'mi' : 'i'}-${names.hex(17)}`,
      launchTime: new Date(now()),
    };
  };
  const toContainerInstance = (machine: Machine, clusterName: string): ContainerInstance => ({
    containerInstanceArn: names.arn('ecs', `container-instance/${clusterName}/${names.hex(32)}`),
    ec2InstanceId: machine.instanceId,
    status: 'ACTIVE',
    agentConnected: true,
    version: 1,
    registeredAt: new Date(now()),
    attributes: machine.instanceId.startsWith('mi-')
      ? [{ name: 'ecs.os-type', value: 'linux' }]
      : [{ name: 'ecs.availability-zone', value: machine.availabilityZone }],
  });

  return {
    addMachine(options) {
      const machine = toMachine(options);
      const clusterName = lastSegment(options.cluster);
      const { containerInstanceArn } = options;
      const containerInstance = {
        ...toContainerInstance(machine, clusterName),
        ...(containerInstanceArn && { containerInstanceArn }),
      };
      machines.set(machine.instanceId, machine);
      const clusterArn = names.arn('ecs', `cluster/${clusterName}`);
      const known = registered.get(clusterArn) ?? new Map<string, ContainerInstance>();
      registered.set(
        clusterArn,
        known.set(lastSegment(containerInstance.containerInstanceArn), containerInstance),
      );
      return { machine, containerInstance };
    },
    machines: () => [...machines.values()],
    machine: (instanceId) => machines.get(instanceId),
    containerInstances: (clusterArn) => [...(registered.get(clusterArn)?.values() ?? [])],
    containerInstance: (clusterArn, idOrArn) =>
      registered.get(clusterArn)?.get(lastSegment(idOrArn)),
    setMachineState(instanceId, state) {
      const machine = machines.get(instanceId);
      if (!machine) throw new Error(`no machine ${instanceId}`);
      const changed = { ...machine, state };
      machines.set(instanceId, changed);
      emit(events.machine(changed));
    },
    loseZone(availabilityZone) {
      lost.add(availabilityZone);
      return () => lost.delete(availabilityZone);
    },
    lostZones: () => lost,
    changeContainerInstance(idOrArn, change) {
      for (const [clusterArn, known] of registered) {
        const instance = known.get(lastSegment(idOrArn));
        if (!instance) continue;
        const changed = { ...instance, ...change, version: instance.version + 1 };
        known.set(lastSegment(idOrArn), changed);
        emit(events.containerInstance(clusterArn, changed));
      }
    },
  };
};
