import { expect, it } from 'vitest';
import { KEY } from '../../../../shared/model/registration.ts';
import type { ListedRegistry } from '../../../../shared/sync/observe/snapshot.ts';
import { holdersIn } from '../../../../shared/sync/round/holders.ts';
import { nameRules, rules } from '../../derive/builders.ts';
import { CLUSTER, fakeRegistry, recordOf } from '../fakes.ts';

const held = recordOf('a', {
  detail: { vip: 'Shop, cart', secureVip: ' pay ,,' },
  metadata: { [KEY.serviceName]: 'web', [KEY.family]: 'web' },
});
const snapshot: ListedRegistry = {
  status: 'listed',
  registry: fakeRegistry([held]),
  listing: { records: [held] },
  ours: new Map([[CLUSTER, [held]]]),
  byKey: new Map(),
};
const under = (shared: 'refuse' | 'warn') =>
  holdersIn([snapshot], { rules: rules({ names: nameRules({ shared }) }) });

it('an owner holds the names of its records and each VIP in their lists', () => {
  const owner = { cluster: CLUSTER, service: 'web', family: 'web' };
  expect([...(under('refuse') ?? [])]).toEqual(
    ['web', 'shop', 'cart', 'pay'].map((name) => [name, [owner]]),
  );
});

it('nobody holds a name where none is lost for it', () => expect(under('warn')).toBeUndefined());
