import { type Catalogue, createCatalogue } from './world/catalogue.ts';
import { createDelivery, type Delivery } from './world/delivery.ts';
import { createEvents } from './world/events.ts';
import { createMachines, type Machines } from './world/machines.ts';
import { createNames } from './world/names.ts';
import { createNetwork } from './world/network.ts';
import { createServices, type Services } from './world/services.ts';
import type { NetworkInterface } from './world/shapes.ts';
import { createTasks, type Tasks } from './world/tasks.ts';

export interface WorldOptions {
  /** Milliseconds since the epoch; default Date.now. */
  readonly now?: () => number;
  readonly account?: string;
  readonly region?: string;
  /** `aws` unless it is a part of AWS by itself, as `aws-cn`. */
  readonly partition?: string;
  /** The same seed gives the same ids. */
  readonly seed?: string;
}

/**
 * A little ECS with the machines under it: the one state behind the simulated services. It moves
 * only when told to.
 */
export interface World extends Catalogue, Services, Machines, Tasks, Delivery {
  readonly account: string;
  readonly region: string;
  now(): number;
  /** The ARN of `cluster/default`, say, of the service `ecs` in this account and region. */
  arn(service: string, resource: string): string;
  networkInterfaces(): readonly NetworkInterface[];
  /** One that is there already, of a task that is added as it is. */
  addNetworkInterface(networkInterface: NetworkInterface): void;
  /** The machine dies: EC2 says so, and ECS takes its tasks down. */
  loseMachine(instanceId: string): void;
  /** Real time: every task takes a step each so many milliseconds. Returns what ends it. */
  play(stepMilliseconds: number): () => void;
}

export const createWorld = (options: WorldOptions = {}): World => {
  const {
    now = Date.now,
    account = '111122223333',
    region = 'eu-central-1',
    partition = 'aws',
    seed = 'rollcall',
  } = options;
  const names = createNames({ account, region, partition, seed });
  const events = createEvents(names, now);
  const { emit, ...delivery } = createDelivery();
  const catalogue = createCatalogue(names, now);
  const services = createServices({ names, now, catalogue });
  const machines = createMachines({ names, now, events, emit });
  const network = createNetwork(names);
  const tasks = createTasks({ names, now, events, emit, catalogue, services, machines, network });

  return {
    ...catalogue,
    ...services,
    ...machines,
    ...tasks,
    ...delivery,
    account,
    region,
    now,
    arn: names.arn,
    networkInterfaces: network.interfaces,
    addNetworkInterface: network.add,
    loseMachine(instanceId) {
      machines.setMachineState(instanceId, 'terminated');
      for (const { clusterArn } of catalogue.clusters())
        for (const instance of machines.containerInstances(clusterArn)) {
          if (instance.ec2InstanceId !== instanceId) continue;
          machines.changeContainerInstance(instance.containerInstanceArn, {
            agentConnected: false,
          });
          for (const task of tasks.tasks())
            if (
              task.containerInstanceArn === instance.containerInstanceArn &&
              task.desiredStatus === 'RUNNING'
            )
              tasks.stopTask(task.taskArn, {
                stopCode: 'TerminationNotice',
                reason: `Host EC2 (instance ${instanceId}) terminated.`,
              });
        }
    },
    play(stepMilliseconds) {
      const timer = setInterval(() => tasks.advanceAll(), stepMilliseconds);
      return () => clearInterval(timer);
    },
  };
};
