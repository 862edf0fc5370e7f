import { type SpringApplication, startSpring } from '../../../scripts/real/clients/spring.ts';
import { exampleDefinition, startContainer } from './containers.ts';
import type { Scene } from './scene.ts';
import { snippet } from './snippets.ts';

/**
 * An application of Spring's in front of the resolver; besides `web` there are `payments`, and
 * `orders` that answers.
 */
export interface Stage {
  readonly scene: Scene;
  /** Ports of the host that lead to the containers of `orders`: its API, and its actuator. */
  readonly ports: readonly [api: number, actuator: number];
  /**
   * What the application answers on this path, as JSON. Rejects with the answer unless it is a 200.
   */
  ask(path: string): Promise<unknown>;
  /** The end of the application's log. */
  log(): string;
  stop(): Promise<void>;
}

export interface StageOptions {
  readonly application: SpringApplication;
  readonly classPath: string;
  /** Of docs/clients, whose block `application` is the application's configuration. */
  readonly page: string;
  readonly properties?: Readonly<Record<string, string | number>>;
}

export const startStage = async (scene: Scene, options: StageOptions): Promise<Stage> => {
  const { application, classPath, page, properties } = options;
  const [api, actuator] = [await startContainer(API), await startContainer(ACTUATOR)];
  await scene.run('payments', { definition: await exampleDefinition('payments') });
  await scene.run('orders', {
    definition: await exampleDefinition('orders'),
    hostPorts: { 8080: api.port, 8081: actuator.port },
  });
  const spring = await startSpring({
    application,
    classPath,
    configuration: await snippet(scene, page, 'application'),
    properties: { ROLLCALL_TOKEN: scene.token, ...properties },
  });
  return {
    scene,
    ports: [api.port, actuator.port],
    async ask(path) {
      const answer = await fetch(`${spring.url}${path}`, {
        headers: { accept: 'application/json' },
      });
      const body = await answer.text();
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${body}`);
      return JSON.parse(body);
    },
    log: spring.log,
    async stop() {
      await spring.stop();
      api.stop();
      actuator.stop();
    },
  };
};

const API = { '/orders/7': { order: 7 } };
/** As Spring Boot's actuator does under /ops, with less behind it. */
const ACTUATOR = {
  '/ops': { _links: { self: { href: '/ops' }, health: { href: '/ops/health' } } },
  '/ops/health': { status: 'UP', components: { db: { status: 'UP' } } },
  '/ops/info': { build: { version: '12' } },
};
