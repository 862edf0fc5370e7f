import { expect, onTestFinished, test } from 'vitest';
import { debianHaproxy, startHaproxy } from '../../../scripts/real/clients/haproxy.ts';
import { debianConsul, startConsul } from '../../../scripts/real/consul.ts';
import { freePorts } from '../../../scripts/real/ports.ts';
import { createRegistry as createConsul } from '../../../shared/registries/consul/index.ts';
import { instanceFor } from '../../contract/instance.ts';
import { quiet, removals, upserts } from '../../contract/stage.ts';
import { together, withExtra } from '../real.ts';

const CLUSTER = 'arn:aws:ecs:eu-west-1:123456789012:cluster/haproxy';

/** What HAProxy asks of DNS, with less patience than it has by itself. */
const configurationOf = (dnsPort: number, port: number) => `
defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
resolvers consul
  nameserver consul 127.0.0.1:${dnsPort}
  accepted_payload_size 8192
  timeout resolve 200ms
  timeout retry 200ms
  hold obsolete 1s
  hold nx 1s
frontend in
  bind 127.0.0.1:${port}
  default_backend web
backend web
  server-template web 10 _web._tcp.service.consul resolvers consul resolve-prefer ipv4 init-addr none
`;

await withExtra(
  'HAProxy 2.6.12 and Consul 1.8.7',
  together({ haproxy: debianHaproxy, binary: debianConsul }),
  ({ haproxy, binary }) =>
    test('HAProxy follows by Consul’s DNS what Rollcall writes to Consul', {
      timeout: 300_000,
    }, async () => {
      const consul = await startConsul(binary);
      onTestFinished(() => consul.stop());
      const running = { owner: `owner-${crypto.randomUUID()}`, cluster: CLUSTER };
      const registry = createConsul({ addresses: [consul.url] }, { owner: running.owner });
      const recordOf = (host: number) =>
        registry.fit(
          instanceFor(running, {
            service: 'web',
            address: `10.0.0.${host}`,
            ipv4: `10.0.0.${host}`,
          }),
        ).records;
      const [port = 0] = await freePorts(1);
      const client = await startHaproxy(haproxy, configurationOf(consul.dnsPort, port));
      onTestFinished(client.stop);

      const [first, second] = [recordOf(1), recordOf(2)];
      await registry.apply(upserts([...first, ...second]), quiet());
      await expect.poll(client.places).toEqual(['10.0.0.1:8080', '10.0.0.2:8080']);
      await registry.apply(removals(first), quiet());
      await expect.poll(client.places).toEqual(['10.0.0.2:8080']);
      await registry.apply(upserts(recordOf(3)), quiet());
      await expect.poll(client.places).toEqual(['10.0.0.2:8080', '10.0.0.3:8080']);
    }),
);
