import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServers } from '../../local/servers.ts';
import { container } from './stage.ts';

const START = fileURLToPath(new URL('../../local/start.ts', import.meta.url));

/** An account with one running task, and the event of its start in a file. */
const accountWithTask = async (labels: Record<string, string> = {}) => {
  const servers = await startServers({});
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-'));
  onTestFinished(async () => {
    await servers.stop();
    await rm(folder, { recursive: true });
  });
  const { world } = servers;
  world.addCluster('shop');
  world.addMachine({ cluster: 'shop', privateIpAddress: '10.1.0.10' });
  world.registerTaskDefinition({
    family: 'web',
    containerDefinitions: [container({ dockerLabels: { SERVICE_TAGS: 'blue', ...labels } })],
  });
  let event: unknown;
  world.onEvent((latest) => {
    event = latest;
  });
  world.runTask({ cluster: 'shop', taskDefinition: 'web', service: 'web' });
  const file = join(folder, 'event.json');
  await writeFile(file, JSON.stringify(event));
  return { servers, file };
};

const NOTHING_SET = {
  AWS_REGION: '',
  AWS_DEFAULT_REGION: '',
  ROLLCALL_REGISTRIES: '',
  ROLLCALL_NAMESPACE: '',
  CONSUL_HTTP_ADDR: '',
  EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: '',
};

const previewed = async (file: string, env: NodeJS.ProcessEnv) => {
  const child = spawn(process.execPath, [START, '--event', file, '--aws'], {
    env: { ...process.env, ROLLCALL_REAL: 'off', ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, output };
};

describe('npm start -- --event FILE --aws', () => {
  it('reads the account and the registries of the environment, and writes to none of them', async () => {
    const { servers, file } = await accountWithTask();
    const { code, output } = await previewed(file, {
      ...servers.environment,
      ROLLCALL_REGISTRIES: 'cloudmap,consul,eureka',
      ROLLCALL_NAMESPACE: 'rollcall-local',
      ROLLCALL_POLICY: 'sync',
      ROLLCALL_QUEUE_URL: `${servers.aws.url}/1/queue`,
      ROLLCALL_SUMMARY_PARAMETER: '/summary',
    });
    expect(output).toContain(
      'would register web at 10.1.0.10:32768 in cloudmap, consul, eureka (as WEB): not registered yet',
    );
    expect(output).toContain('tags blue');
    expect(output).toContain('ROLLCALL_OWNER is not set');
    expect(code).toBe(0);
    const operations = servers.aws.calls().map(({ operation }) => operation);
    expect(operations).toContain('DescribeTasks');
    expect(operations.filter((name) => !/^(Describe|List|Get|Discover)/.test(name))).toEqual([]);
    expect([servers.consul?.writes(), servers.eureka?.writes()]).toEqual([0, 0]);
  });

  it('asks ECS whose a name is that a label says', async () => {
    const { servers, file } = await accountWithTask({ SERVICE_NAME: 'payments' });
    servers.world.addService({ cluster: 'shop', name: 'payments', taskDefinition: 'web' });
    const env = { ...servers.environment, ROLLCALL_LABELS: 'all' };
    const { code, output } = await previewed(file, env);
    expect(output).toContain('would register web at 10.1.0.10:32768');
    expect(output).toContain('it is the name of ECS service shop/payments');
    expect(output).not.toContain('Not asked');
    expect(code).toBe(0);
  });

  it('needs no more than credentials: registries are then taken to be empty', async () => {
    const { servers, file } = await accountWithTask();
    const {
      AWS_REGION: _,
      CONSUL_HTTP_ADDR,
      EUREKA_CLIENT_SERVICEURL_DEFAULTZONE,
      ...credentials
    } = servers.environment;
    const { code, output } = await previewed(file, { ...NOTHING_SET, ...credentials });
    expect(output).toContain('Registries are taken to be empty');
    expect(output).toContain(
      'would register web at 10.1.0.10:32768 in cloudmap, consul, eureka (as WEB)',
    );
    expect(code).toBe(0);
    const services = servers.aws.calls().map(({ service }) => service);
    expect(services.filter((target) => target.startsWith('Route53AutoNaming'))).toEqual([]);
    expect(servers.aws.calls().map(({ operation }) => operation)).toContain('DescribeTasks');
  });

  it('names what the environment lacks', async () => {
    const { servers, file } = await accountWithTask();
    const env = { ...servers.environment, ROLLCALL_REGISTRIES: 'cloudmap', ROLLCALL_NAMESPACE: '' };
    const { code, output } = await previewed(file, env);
    expect([code, output]).toEqual([
      3,
      expect.stringContaining('ROLLCALL_NAMESPACE: expected a value'),
    ]);
  });
});
