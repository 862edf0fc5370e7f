import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { settle } from '../../../local/aws/lambda.ts';
import type { DefinitionInput } from '../../../local/aws/world/shapes.ts';
import { createClock } from '../../../local/clock.ts';
import { captureLog } from '../../../local/log.ts';
import { bringUp, takeDown } from '../../../local/outage.ts';
import { startStack } from '../../../local/stack.ts';
import { onFreePorts } from '../../../scripts/real/ports.ts';
import { startProcess } from '../../../scripts/real/process.ts';

const SCRIPT = fileURLToPath(new URL('../../../scripts/resolver.ts', import.meta.url));
const TOKEN = 'a-token-of-the-resolver';

/**
 * Tasks that stand in Cloud Map alone, and the resolver as `npm run resolver` starts it, in front
 * of them.
 */
export interface Scene {
  readonly url: string;
  readonly token: string;
  /** For files that a client needs; it goes with the scene. */
  readonly folder: string;
  /** `address:port` of the service's tasks, sorted. */
  places(service: string): readonly string[];
  /** One more task, healthy and registered before it resolves. */
  run(service: string, how?: How): Promise<void>;
  /** All tasks of the service, taken out before it resolves. */
  end(service: string): Promise<void>;
  /** Cloud Map answers nobody until it is brought up. */
  takeDown(): void;
  bringUp(): void;
  /** A resolver that has nothing in its cache, at the same place. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Instead of a task with its own address and the port 8080. */
export interface How {
  readonly definition?: DefinitionInput;
  /**
   * Ports of 127.0.0.1 by container port; it is the host of tasks without an address of their own.
   */
  readonly hostPorts?: Readonly<Record<number, number>>;
}

const LABELS = { SERVICE_TAGS: 'blue,v1', SERVICE_TEAM: 'shop' };

export const startScene = async (
  environment: Readonly<Record<string, string>> = {},
): Promise<Scene> =>
  onFreePorts(1, async ([port = 0]) => {
    const clock = createClock(Date.now());
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-clients-'));
    const release = captureLog(() => {});
    const stack = await startStack({
      queueNow: clock.now,
      environment: {
        ROLLCALL_REGISTRIES: 'cloudmap',
        ROLLCALL_RESOLVE_ACCESS: 'token',
        ROLLCALL_RESOLVE_TOKEN: TOKEN,
        ...environment,
      },
    });
    const { world } = stack;
    world.addCluster('shop');
    world.addMachine({ cluster: 'shop', privateIpAddress: '127.0.0.1' });
    const url = `http://127.0.0.1:${port}`;
    const settled = () => settle(stack.events, clock);
    const start = () =>
      startProcess({
        command: process.execPath,
        args: [SCRIPT],
        environment: { ...process.env, ROLLCALL_HOST: '127.0.0.1', ROLLCALL_PORT: String(port) },
        ready: async () => (await fetch(`${url}/health`)).ok,
      });
    let resolver = await start().catch(async (error: unknown) => {
      await stack.stop();
      throw error;
    });
    const tasksOf = (service: string) =>
      world
        .tasks()
        .filter((task) => task.group === `service:${service}` && task.desiredStatus === 'RUNNING');
    return {
      url,
      token: TOKEN,
      folder,
      places: (service) =>
        tasksOf(service)
          .map((task) => `${addressOf(task)}:8080`)
          .sort(),
      async run(service, { definition = inVpc(service), hostPorts = {} } = {}) {
        const { family, containerDefinitions } = definition;
        world.registerTaskDefinition(definition);
        const { taskArn } = world.runTask({
          cluster: 'shop',
          taskDefinition: family,
          service,
          hostPorts,
        });
        if (containerDefinitions.some(({ healthCheck }) => healthCheck))
          world.setHealth(taskArn, 'HEALTHY');
        await settled();
      },
      async end(service) {
        for (const { taskArn } of tasksOf(service)) world.stopTask(taskArn);
        await settled();
      },
      takeDown: () => takeDown(stack, 'cloudmap'),
      bringUp: () => bringUp(stack, 'cloudmap'),
      async restart() {
        await resolver.stop();
        resolver = await start();
      },
      async stop() {
        await resolver.stop();
        await stack.stop();
        await rm(folder, { recursive: true, force: true });
        release();
      },
    };
  });

const inVpc = (family: string): DefinitionInput => ({
  family,
  networkMode: 'awsvpc',
  containerDefinitions: [
    {
      name: 'app',
      image: 'example/web:1',
      portMappings: [{ containerPort: 8080 }],
      dockerLabels: LABELS,
    },
  ],
});

const addressOf = ({ attachments }: { readonly attachments?: unknown }): string =>
  /"privateIPv4Address","value":"([^"]+)"/.exec(JSON.stringify(attachments ?? []))?.[1] ?? '';
