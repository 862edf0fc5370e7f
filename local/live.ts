import { BoundedMap } from '../shared/platform/bounded-map.ts';
import { createWorld } from './aws/world.ts';
import { sharedPort } from './cluster/addresses.ts';
import { createCluster, type ExampleCluster } from './cluster/cluster.ts';
import { type ExampleService, exampleServices } from './cluster/services.ts';
import type { Variables } from './environment.ts';
import { createGateway } from './gateway.ts';
import { clear, outlivesRun, takeOut } from './leftovers.ts';
import { type Listening, listen, nearPort } from './listen.ts';
import { PORTS } from './ports.ts';
import { repeat } from './repeat.ts';
import { type Stack, startStack } from './stack.ts';

export interface LiveOptions {
  readonly real: Variables;
  /**
   * How many times as fast as the world's the queues' clock runs: a look after 5 s comes after 5 s
   * / speed.
   */
  readonly speed: number;
  /** Reconcile and renew each minute; else only when asked. */
  readonly scheduled: boolean;
}

/** The stack with the example cluster on it, in motion. */
export interface Live {
  readonly stack: Stack;
  readonly cluster: ExampleCluster;
  readonly services: readonly ExampleService[];
  readonly resolver: Listening;
  /** Whether awsvpc tasks have addresses of their own here. */
  readonly ownAddresses: boolean;
  /** Milliseconds since the epoch: when ECS or EC2 emitted the event, or last spoke of the task. */
  readonly emittedAt: (eventIdOrTask: string) => number | undefined;
  /** Tasks take no further step; events and registries go on. */
  pause(): Promise<void>;
  resume(): void;
  /** Real registries are left without a record of ours; `print` is told so. */
  stop(print: (text: string) => void): Promise<void>;
}

/** Milliseconds between two steps of a task, so that a start and a stop can be watched. */
const STEP = 200;

export const startLive = async ({ real, speed, scheduled }: LiveOptions): Promise<Live> => {
  const began = Date.now();
  const stack = await startStack({
    // Task ids of its own for each run: a real registry may hold those of the last.
    world: createWorld({ seed: String(began) }),
    ports: PORTS,
    real,
    queueNow: () => began + (Date.now() - began) * speed,
    cloudMapDelayMs: 100,
    // Both editions bear one name on purpose: a name that is shared by mistake would need somebody.
    environment: { ROLLCALL_NAMES: 'news=example/news-eu+example/news-us' },
  });
  const emittedAt = trackEvents(stack);
  if (outlivesRun(stack)) {
    try {
      await clear(stack);
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }
  const resolver = await nearPort(
    (port) => listen(createGateway(stack.resolve), { port }),
    PORTS.resolver,
  );
  stack.announce(resolver.url);
  const shared = await sharedPort();
  const ownAddresses = shared !== undefined;
  const services = exampleServices({
    resolverUrl: resolver.url,
    weatherPort: shared ?? 8080,
    ownAddresses,
  });
  const cluster = createCluster(stack.world, services);
  const ticker = repeat(cluster.tick, STEP, (error) => console.error('example cluster:', error));
  stack.events.start();
  stack.renewals.start();
  if (scheduled) {
    // One at once besides, so that the page has a round to tell of.
    stack.reconcile.invoke().catch(() => {});
    stack.reconcile.start(60);
    stack.renew.start(60);
  }
  return {
    stack,
    cluster,
    services,
    resolver,
    ownAddresses,
    emittedAt,
    pause: ticker.stop,
    resume: ticker.start,
    async stop(print) {
      await ticker.stop();
      stack.reconcile.stop();
      stack.renew.stop();
      await Promise.all([stack.events.stop(), stack.renewals.stop()]);
      if (outlivesRun(stack))
        print(`Our records are taken out of the registries:\n${await takeOut(stack)}`);
      await cluster.stop();
      await resolver.stop();
      await stack.stop();
    },
  };
};

/**
 * Events of the example for some hours; EventBridge's own times are whole seconds, too coarse for a
 * latency.
 */
const REMEMBERED = 10_000;

const trackEvents = ({ world }: Stack) => {
  const times = new BoundedMap<string, number>(REMEMBERED);
  world.onEvent(({ id, resources: [resource = ''] }) => {
    times.set(id, Date.now());
    times.set(resource, Date.now());
  });
  return (key: string) => times.get(key);
};
