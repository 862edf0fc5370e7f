import { expect, onTestFinished } from 'vitest';
import { settle } from '../../local/aws/lambda.ts';
import type { RunTask } from '../../local/aws/world/launch.ts';
import type { ContainerDefinition, DefinitionInput, Task } from '../../local/aws/world/shapes.ts';
import { createClock } from '../../local/clock.ts';
import { captureLog } from '../../local/log.ts';
import { type Stack, type StackOptions, startStack } from '../../local/stack.ts';
import { askers, type Held } from '../../local/story/held.ts';
import { shapeFaults } from '../support/log.ts';
import { startVirtualTime } from '../support/virtual-time.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface Flow {
  readonly stack: Stack;
  /** The handlers' log lines, oldest first. */
  readonly lines: readonly Fields[];
  /** Log lines with this text in their message, error or reason. */
  saying(text: string): readonly Fields[];
  /** A task of a new definition, walked to RUNNING with its events. */
  run(definition?: Partial<DefinitionInput>, task?: Partial<RunTask>): Task;
  /** Handles what is visible now. */
  drain(): Promise<void>;
  /**
   * Handles that and everything that comes later: the queue's clock leaps from message to message.
   */
  settle(): Promise<void>;
  /** Places of ours, by registry, sorted: what clients would be told. */
  places(): Promise<Readonly<Record<'cloudmap' | 'consul' | 'eureka', readonly string[]>>>;
}

/** Until the test is over. */
export const startFlow = async (options: StackOptions = {}): Promise<Flow> => {
  const flow = await openFlow(options);
  onTestFinished(flow.stop);
  return flow;
};

/**
 * A whole stack, at rest until moved, in time that passes only while nothing else does. Its cluster
 * is called `shop` and has one host.
 */
export const openFlow = async (
  options: StackOptions = {},
): Promise<Flow & { stop(): Promise<void> }> => {
  const time = startVirtualTime();
  time.run();
  const clock = createClock(Date.now());
  const lines: Fields[] = [];
  const misshapen: string[] = [];
  const release = captureLog((line) => {
    lines.push(line);
    misshapen.push(...shapeFaults(line));
  });
  const stack = await startStack({ queueNow: clock.now, ...options });
  const { world } = stack;
  world.addCluster('shop');
  world.addMachine({ cluster: 'shop', privateIpAddress: '10.1.0.10' });
  const ask = askers(stack);
  const places = async (name: keyof typeof ask) => toPlaces(await ask[name](), stack.owner);
  return {
    stack,
    lines,
    saying: (text) =>
      lines.filter(({ message, error, reason }) =>
        `${message} ${error ?? ''} ${reason ?? ''}`.includes(text),
      ),
    run(definition = {}, task = {}) {
      const family = definition.family ?? 'web';
      world.registerTaskDefinition({
        networkMode: 'awsvpc',
        containerDefinitions: [container()],
        ...definition,
        family,
      });
      return world.runTask({ cluster: 'shop', taskDefinition: family, service: family, ...task });
    },
    drain: () => stack.events.drain(),
    settle: () => settle(stack.events, clock),
    async stop() {
      await stack.stop();
      release();
      time.stop();
      expect(misshapen, 'lines that are not of the one shape').toEqual([]);
    },
    places: async () => ({
      cloudmap: await places('cloudmap'),
      consul: await places('consul'),
      eureka: await places('eureka'),
    }),
  };
};

export const container = (changes: Partial<ContainerDefinition> = {}): ContainerDefinition => ({
  name: 'app',
  image: 'example/web:1',
  portMappings: [{ containerPort: 8080 }],
  ...changes,
});

const toPlaces = (held: readonly Held[], owner: string) =>
  held
    .filter((one) => one.owner === owner)
    .map(({ service, place, healthy }) => `${service} ${place}${healthy ? '' : ' unhealthy'}`)
    .sort();

/** These places in every registry, and no others of ours. */
export const expectPlaces = async ({ places }: Flow, ...expected: readonly string[]) => {
  const sorted = [...expected].sort();
  expect(await places()).toEqual({ cloudmap: sorted, consul: sorted, eureka: sorted });
};
