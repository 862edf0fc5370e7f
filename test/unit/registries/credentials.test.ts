import { afterEach, describe, expect, it } from 'vitest';
import { type ConsulServer, startConsul } from '../../../local/consul.ts';
import { loadConfig } from '../../../shared/config/load.ts';
import { NoAnswer } from '../../../shared/platform/http/client.ts';
import { consulCatalog, createDirectory } from '../../../shared/registries/directories.ts';
import { createRegistries } from '../../../shared/registries/index.ts';

const HINT =
  /read without credentials, as resolveConsulToken \(ROLLCALL_RESOLVE_CONSUL_TOKEN\) is not given/;
const signal = new AbortController().signal;

let server: ConsulServer;
afterEach(() => server?.stop());

/** A Consul that answers nobody without a token. */
const readerOf = async (more: Record<string, string> = {}) => {
  server = await startConsul({
    acl: { tokens: { reads: { node: { '': 'read' }, service: { '': 'read' } } } },
  });
  return loadConfig(
    {
      ROLLCALL_REGISTRIES: 'consul',
      ROLLCALL_OWNER: 'rollcall-dev:111122223333:eu-west-1',
      CONSUL_HTTP_ADDR: server.url,
      CONSUL_HTTP_TOKEN: 'reads',
      ...more,
    },
    async () => '',
    'reader',
  );
};

describe('a Consul that is read without a token', () => {
  it('is unknown to the resolver, and the error names the parameter', async () => {
    const directory = await createDirectory('consul', await readerOf());
    await expect(directory.everything(signal)).rejects.toThrow(HINT);
    await expect(directory.instances('web', signal)).rejects.toThrow(HINT);
  });

  it('is unknown to inspect, and the reason names the parameter', async () => {
    const [registry] = await createRegistries(await readerOf());
    const listing = registry?.list(signal).then(({ unknown = '' }) => unknown, String);
    expect(await listing).toMatch(HINT);
  });

  it('is unknown to parity', async () => {
    await expect(consulCatalog(await readerOf())?.(signal)).rejects.toThrow(HINT);
  });

  it('is not said to be so where nothing answers at all', async () => {
    const config = await readerOf({ CONSUL_HTTP_ADDR: 'http://127.0.0.1:1' });
    const error = await (await createDirectory('consul', config))
      .everything(signal)
      .catch((one: unknown) => one);
    expect(error).toBeInstanceOf(NoAnswer);
    expect(String(error)).not.toMatch(HINT);
  });
});

it('a Consul that is read with the token for readers is known', async () => {
  const config = await readerOf({ ROLLCALL_RESOLVE_CONSUL_TOKEN: 'reads' });
  const names = (await (await createDirectory('consul', config)).everything(signal)).map(
    ({ name }) => name,
  );
  expect(names).toContain('consul');
});
