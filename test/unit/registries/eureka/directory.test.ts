import { expect, onTestFinished, test } from 'vitest';
import { startEureka } from '../../../../local/eureka.ts';
import { plainSecret } from '../../../../shared/config/secret.ts';
import { createDirectory as createEurekaDirectory } from '../../../../shared/registries/eureka/directory.ts';
import { useVirtualTime } from '../../../support/use-virtual-time.ts';

useVirtualTime();

const signal = new AbortController().signal;

const stage = async () => {
  const server = await startEureka();
  onTestFinished(() => server.stop());
  let time = 1_700_000_000_000;
  const directory = createEurekaDirectory({ urls: plainSecret(server.url) }, { now: () => time });
  const path = `${server.url}/apps/WEB`;
  const instance = {
    app: 'WEB',
    instanceId: 'a',
    hostName: '10.0.0.1',
    ipAddr: '10.0.0.1',
    dataCenterInfo: {
      '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
      name: 'MyOwn',
    },
  };
  return {
    directory,
    advance: (seconds: number) => {
      time += seconds * 1000;
    },
    register: (fields = {}) =>
      fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ instance: { ...instance, ...fields } }),
      }),
    cancel: () => fetch(`${path}/a`, { method: 'DELETE' }),
  };
};

test('a list without any instance is not believed for two minutes, since a restarted server gives one', async () => {
  const { directory, advance, register, cancel } = await stage();
  const refused = async () => {
    await expect(directory.everything(signal)).rejects.toThrow('may just have restarted');
    await expect(directory.instances('web', signal)).rejects.toThrow('may just have restarted');
  };
  await refused();
  advance(119);
  await refused();
  advance(1);
  expect(await directory.everything(signal)).toEqual([]);
  expect(await directory.instances('web', signal)).toBeUndefined();

  await register();
  expect(await directory.everything(signal)).toMatchObject([
    { name: 'WEB', targets: [{ healthy: true }] },
  ]);
  await cancel();
  await refused();
});

test.each([
  ['web', 'web', undefined],
  ['Web', 'Web', undefined],
  ['shop', 'WEB', 'shop'],
  ['shop, web', 'WEB', 'shop, web'],
  [undefined, 'WEB', undefined],
])('with the VIP address %s the service is called %s', async (vipAddress, name, eureka_vip) => {
  const { directory, register } = await stage();
  await register({ ...(vipAddress && { vipAddress }) });
  const [service] = await directory.everything(signal);
  expect(service).toMatchObject({ name, targets: [{ id: 'a', service: name }] });
  expect(service?.targets[0]?.metadata['eureka_vip']).toBe(eureka_vip);
  const asked = ['WEB', 'web', ...(vipAddress ?? '').split(',').map((vip) => vip.trim())];
  for (const one of asked.filter((text) => text !== ''))
    expect([one, await directory.instances(one, signal)]).toEqual([one, service?.targets]);
});

test('instances of one application that spell it differently are of one service', async () => {
  const { directory, register } = await stage();
  await register({ vipAddress: 'WEB' });
  await register({ instanceId: 'b', vipAddress: 'web' });
  await register({ instanceId: 'c', vipAddress: 'other' });
  const all = await directory.everything(signal);
  expect(all.map(({ name, targets }) => [name, targets.map(({ id }) => id)])).toEqual([
    ['web', ['a', 'b', 'c']],
  ]);
});

test('a service is missing at once where others are left', async () => {
  const { directory, register } = await stage();
  await register();
  expect(await directory.instances('api', signal)).toBeUndefined();
});
