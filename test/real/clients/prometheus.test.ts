import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DefinitionInput } from '../../../local/aws/world/shapes.ts';
import { goProgram } from '../../../scripts/real/clients/go.ts';
import {
  debianPrometheus,
  type Prometheus,
  startPrometheus,
} from '../../../scripts/real/clients/prometheus.ts';
import { withExtra, withReal } from '../real.ts';
import { snippet } from './snippets.ts';
import { withScene } from './with-scene.ts';

interface Discovered {
  readonly labels: Readonly<Record<string, string>>;
  readonly discoveredLabels: Readonly<Record<string, string>>;
}

const discovered = async ({ url }: Prometheus): Promise<readonly Discovered[]> => {
  const answer = await fetch(`${url}/api/v1/targets?state=active`);
  return Object(await answer.json()).data.activeTargets;
};
const places = async (prometheus: Prometheus) =>
  (await discovered(prometheus))
    .map(({ discoveredLabels }) => discoveredLabels['__address__'])
    .sort();

const UNTAGGED: DefinitionInput = {
  family: 'untagged',
  networkMode: 'awsvpc',
  containerDefinitions: [
    { name: 'app', image: 'example/web:1', portMappings: [{ containerPort: 8080 }] },
  ],
};

/**
 * By this discovery, what Prometheus makes of the tasks, of a change, and of a registry that is
 * down.
 */
const discovers = (binary: string, how: string, expected: Readonly<Record<string, unknown>>) =>
  withScene(`Prometheus with ${how}_configs of the docs`, (scene) => {
    let prometheus: Prometheus;
    beforeAll(async () => {
      await scene().run('untagged', { definition: UNTAGGED });
      const config = await snippet(scene(), 'prometheus.md', how);
      prometheus = await startPrometheus(
        binary,
        config.replace(/refresh_interval: \d+s/, 'refresh_interval: 1s'),
      );
    });
    afterAll(() => prometheus?.stop());
    const settles = () =>
      expect.poll(() => places(prometheus), { timeout: 60_000 }).toEqual(scene().places('web'));

    test('finds the task that has the tag, with its labels, and no other', async () => {
      await settles();
      const [{ labels, discoveredLabels } = { labels: {}, discoveredLabels: {} }] =
        await discovered(prometheus);
      expect(labels).toMatchObject({ service: 'web', instance: scene().places('web')[0] });
      expect(discoveredLabels).toMatchObject(expected);
    });

    test('follows a change', async () => {
      await scene().run('web');
      await settles();
      expect(scene().places('web')).toHaveLength(2);
    });

    test('keeps its targets while the registry is down and nothing is cached', async () => {
      scene().takeDown();
      await scene().restart();
      const failures = () => failuresOf(prometheus, how);
      const before = await failures();
      await expect.poll(failures, { timeout: 60_000 }).toBeGreaterThan(before);
      expect(await places(prometheus)).toEqual(scene().places('web'));
    });

    test('ends with no targets when the tasks have ended', async () => {
      await scene().end('web');
      await settles();
      expect(scene().places('web')).toEqual([]);
    });
  });

/** How often its discovery has failed, by its own count. */
const failuresOf = async ({ url }: Prometheus, how: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  const name = { http_sd: 'http', consul_sd: 'consul_rpc' }[how];
  const counter = name
    ? `prometheus_sd_${name}_failures_total`
    : 'prometheus_sd_refresh_failures_total';
  const lines = [...text.matchAll(new RegExp(`^${counter}(?:\\{.*\\})? (\\S+)$`, 'gm'))];
  return lines.reduce((sum, [, value]) => sum + Number(value), 0);
};

await withReal('Prometheus 2.42.0', debianPrometheus, (binary) => {
  discovers(binary, 'http_sd', {
    __meta_rollcall_service: 'web',
    __meta_rollcall_cluster: 'shop',
    __meta_rollcall_ecs_service: 'web',
    __meta_rollcall_task: expect.stringContaining(':task/shop/'),
    __meta_rollcall_zone: expect.stringMatching(/^eu-central-1[abc]$/),
    __meta_rollcall_tags: ',blue,v1,',
    __meta_rollcall_healthy: 'true',
    __meta_rollcall_metadata_team: 'shop',
  });
  discovers(binary, 'eureka_sd', {
    __meta_eureka_app_name: 'WEB',
    __meta_eureka_app_instance_status: 'UP',
    __meta_eureka_app_instance_port_enabled: 'true',
    __meta_eureka_app_instance_metadata_team: 'shop',
  });
});

await withExtra(
  'Prometheus 3.5.0 with every discovery',
  () => goProgram('prometheus'),
  (binary) =>
    discovers(binary, 'consul_sd', {
      __meta_consul_service: 'web',
      __meta_consul_dc: 'dc1',
      __meta_consul_tags: ',blue,v1,',
      __meta_consul_health: 'passing',
      __meta_consul_service_metadata_team: 'shop',
    }),
);
