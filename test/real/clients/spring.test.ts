import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SpringApplication, springClassPath } from '../../../scripts/real/clients/spring.ts';
import { withReal } from '../real.ts';
import { type Stage, type StageOptions, startStage } from './spring-stage.ts';
import { withScene } from './with-scene.ts';

const withSpring = (
  application: SpringApplication,
  options: Pick<StageOptions, 'page' | 'properties'>,
  suite: (stage: () => Stage) => void,
) =>
  withReal(
    `Spring's ${application}`,
    () => springClassPath(application),
    (classPath) =>
      withScene(`Spring with the configuration of docs/clients/${options.page}`, (scene) => {
        let stage: Stage;
        beforeAll(async () => {
          stage = await startStage(scene(), { application, classPath, ...options });
        });
        afterAll(() => stage?.stop());
        suite(() => stage);
      }),
  );

interface Found {
  readonly uri: string;
  readonly secure: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

const found = async ({ ask }: Stage, service: string) =>
  (await ask(`/instances/${service}`)) as readonly Found[];
/** `address:port`, as the scene has them. */
const places = async (stage: Stage, service: string) =>
  (await found(stage, service)).map(({ uri }) => new URL(uri).host).sort();
const settles = (stage: Stage, service: string) =>
  expect
    .poll(() => places(stage, service), { timeout: 60_000 })
    .toEqual(stage.scene.places(service));

const finds = (stage: () => Stage) => {
  test('finds a task, with its metadata', async () => {
    await settles(stage(), 'web');
    const [first] = await found(stage(), 'web');
    expect(first).toMatchObject({
      secure: false,
      metadata: { team: 'shop', ECS_CLUSTER_NAME: 'shop' },
    });
  });

  test('reaches a task behind a dynamic port by the name of its service', async () => {
    expect(await stage().ask('/ask?url=http://orders/orders/7')).toEqual({ order: 7 });
  });

  test('speaks https to a task that takes nothing else', async () => {
    const uri = expect.stringMatching(/^https:.*:8443$/);
    expect(await found(stage(), 'payments')).toMatchObject([{ secure: true, uri }]);
  });

  test('follows a change', async () => {
    await stage().scene.run('web');
    await settles(stage(), 'web');
    expect(stage().scene.places('web')).toHaveLength(2);
  });
};

const ends = (stage: () => Stage) =>
  test('has nothing left when the tasks have ended', async () => {
    await stage().scene.end('web');
    await settles(stage(), 'web');
    expect(stage().scene.places('web')).toEqual([]);
  });

await withSpring(
  'eureka',
  { page: 'spring-eureka.md', properties: { 'eureka.client.registry-fetch-interval-seconds': 1 } },
  (stage) => {
    finds(stage);

    test('is told the zone, and the port and path of the actuator', async () => {
      const [, actuator] = stage().ports;
      expect(await found(stage(), 'orders')).toMatchObject([
        {
          metadata: {
            zone: expect.stringMatching(/^eu-central-1[abc]$/),
            'management.port': String(actuator),
            'management.context-path': '/ops',
          },
        },
      ]);
    });

    test('keeps its list while the registry is down and nothing is cached', async () => {
      stage().scene.takeDown();
      await stage().scene.restart();
      await expect.poll(stage().log, { timeout: 60_000 }).toContain('503');
      expect(await places(stage(), 'web')).toEqual(stage().scene.places('web'));
      expect(stage().log()).not.toContain(stage().scene.token);
    });

    ends(stage);
  },
);

const TELLING = { 'server.error.include-message': 'always' };

await withSpring('consul', { page: 'spring-consul.md', properties: TELLING }, (stage) => {
  finds(stage);

  test('fails, and gets no empty list, while the registry is down and nothing is cached', async () => {
    stage().scene.takeDown();
    await stage().scene.restart();
    await expect(found(stage(), 'web')).rejects.toThrow(/answered 500.*statusCode=503/);
  });

  ends(stage);
});

await withSpring('admin', { page: 'spring-boot-admin.md' }, (stage) => {
  test('watches an application by its actuator, which has a port and a path of its own', async () => {
    const [api, actuator] = stage().ports;
    const orders = async () =>
      ((await stage().ask('/instances')) as readonly Watched[]).find(
        ({ registration }) => registration.name === 'ORDERS',
      );
    await expect.poll(orders, { timeout: 60_000 }).toMatchObject({
      registration: {
        serviceUrl: `http://127.0.0.1:${api}`,
        managementUrl: `http://127.0.0.1:${actuator}/ops`,
        healthUrl: `http://127.0.0.1:${actuator}/ops/health`,
      },
      statusInfo: { status: 'UP', details: { components: { details: { db: { status: 'UP' } } } } },
    });
  });
});

interface Watched {
  readonly registration: { readonly name: string };
}
