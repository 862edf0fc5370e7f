import { readFile } from 'node:fs/promises';
import { CreateClusterCommand } from '@aws-sdk/client-ecs';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { createEc2 } from '../../local/aws/ec2.ts';
import { createEcs } from '../../local/aws/ecs.ts';
import { createSecretsManager } from '../../local/aws/secretsmanager.ts';
import { startAws } from '../../local/aws/server.ts';
import { createServiceDiscovery } from '../../local/aws/servicediscovery.ts';
import { createSqs } from '../../local/aws/sqs.ts';
import { createSsm } from '../../local/aws/ssm.ts';
import { createWorld } from '../../local/aws/world.ts';
import { motoPython, startMoto } from '../../scripts/real/moto.ts';
import { withReal } from './real.ts';
import { clientsOf } from './same/clients.ts';
import { compare } from './same/compare.ts';
import { parseTable, toRow } from './same/table.ts';

const DOCUMENT = new URL('../../docs/simulator.md', import.meta.url);

await withReal('moto', motoPython, (python) => {
  test('the simulated AWS differs from moto as docs/simulator.md says, and nowhere else', async () => {
    const decided = parseTable(await readFile(DOCUMENT, 'utf8'));
    for (const { row, decision } of decided) expect(decision, row).not.toBe('');
    const found = await compare(await simulator(), await moto(python));
    expect(found.map(toRow)).toEqual(decided.map(({ row }) => row));
  });
});

/** A cluster, a queue and a secret, which the script finds. */
const simulator = async () => {
  const world = createWorld();
  world.addCluster('shop');
  let origin = '';
  const sqs = createSqs({ origin: () => origin });
  sqs.createQueue('events');
  const secrets = createSecretsManager();
  secrets.put('token', 'hush');
  const services = [
    createEcs(world),
    createEc2(world),
    createServiceDiscovery(),
    sqs,
    createSsm(world),
    secrets,
  ];
  const { url, stop } = await startAws(services);
  origin = url;
  onTestFinished(stop);
  return url;
};

const moto = async (python: string) => {
  const { url, stop } = await startMoto(python);
  onTestFinished(() => stop());
  const { ecs, sqs, secrets } = clientsOf(url);
  await ecs.send(new CreateClusterCommand({ clusterName: 'shop' }));
  await sqs.send(new CreateQueueCommand({ QueueName: 'events' }));
  await secrets.send(new CreateSecretCommand({ Name: 'token', SecretString: 'hush' }));
  return url;
};
