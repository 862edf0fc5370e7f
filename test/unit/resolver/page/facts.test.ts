import { describe, expect, it } from 'vitest';
import type { Target } from '../../../../shared/model/registration.ts';
import type { Summary } from '../../../../shared/model/summary.ts';
import { type ServiceFacts, toFacts } from '../../../../shared/resolver/page/facts.ts';
import { joinRegistries } from '../../../../shared/resolver/page/join.ts';
import type { RegistryContents } from '../../../../shared/resolver/page/page-data.ts';
import {
  contents,
  held,
  NOW,
  OWNER,
  round,
  SHARED,
  troubled,
} from '../../../support/page-scene.ts';

const factsAfter = (
  last: Pick<Summary, 'skips' | 'shared'>,
  ...registries: readonly RegistryContents[]
) =>
  toFacts(joinRegistries(registries, { owner: OWNER, now: NOW, withhold: () => undefined }), {
    registries,
    round: round(last),
  });
const factsIn = (...registries: readonly RegistryContents[]) =>
  factsAfter({ skips: [] }, ...registries);
const wordsIn = ([first]: readonly ServiceFacts[]) =>
  first?.troubles.map(({ level, text }) => `${level}: ${text}`);
const troublesOf = (...targets: readonly Target[]) =>
  wordsIn(factsIn(contents('consul', { web: targets })));
const zone = (letter: string) => `eu-central-1${letter}`;
const like = (metadata: Readonly<Record<string, string>>) => ({ metadata });

describe('what is wrong with a service', () => {
  it.each<[string, readonly Target[], readonly string[]]>([
    ['nothing', [held(1), held(2)], []],
    [
      'none is healthy',
      [held(1, { healthy: false }), held(2, { healthy: false })],
      ['bad: none of 2 instances healthy'],
    ],
    [
      'a zone is ill',
      [
        held(1, { zone: zone('a'), healthy: false }),
        held(2, { zone: zone('a'), healthy: false }),
        held(3, { zone: zone('b') }),
      ],
      ['bad: 2 of 3 unhealthy, all in eu-central-1a'],
    ],
    [
      'a host is ill',
      [
        held(1, { healthy: false, ...like({ EC2_INSTANCE_ID: 'i-1' }) }),
        held(2, like({ EC2_INSTANCE_ID: 'i-2' })),
      ],
      ['bad: 1 of 2 unhealthy, all on i-1'],
    ],
    [
      'a new revision is ill',
      [
        held(1, { healthy: false, ...like({ ROLLCALL_REVISION: '8' }) }),
        held(2, like({ ROLLCALL_REVISION: '7' })),
      ],
      ['bad: 1 of 2 unhealthy, all of revision 8', 'note: rolling to revision 8: 1 of 2 new'],
    ],
    [
      'not that two have its name, which they may: nor are their revisions one deployment',
      [
        held(1, like({ ROLLCALL_REVISION: '8' })),
        held(2, like({ ECS_CLUSTER_NAME: 'staging', ROLLCALL_REVISION: '7' })),
      ],
      [],
    ],
    [
      'somebody else writes beside us',
      [held(1), { ...held(2), metadata: {} }],
      ['warn: 1 of 2 written by others'],
    ],
    ['all are others’', [{ ...held(2), metadata: {} }], []],
    ['it has none', [], ['note: no instances']],
  ])('is told: %s', (_, targets, expected) => {
    expect(troublesOf(...targets)).toEqual(expected);
  });

  it('is told of its name by the last round alone, which knows who may have it', () => {
    const web = contents('eureka', { WEB: [held(1)] });
    const shared = [{ name: 'Web', owners: ['shop/web', 'staging/web'] }];
    expect(wordsIn(factsAfter({ skips: [], shared }, web))).toEqual([
      'warn: name shared by shop/web and staging/web',
    ]);
    const skips = ['staging/1', 'staging/2'].map((task) => ({
      task: `arn:aws:ecs:eu-central-1:111122223333:task/${task}`,
      code: 'name-taken',
      detail: 'it may not be called web: sharedNames=refuse, and shop/web goes before staging/web',
      name: 'web',
      service: 'web',
    }));
    const [refused] = factsAfter({ skips }, web);
    expect(refused).toMatchObject({
      needsYou: false,
      troubles: [{ level: 'note', text: 'name refused to staging/web' }],
    });
  });

  it('is told of each registry', () => {
    const at = { port: 81 };
    const [web] = factsIn(
      contents('cloudmap', { web: [held(1), held(2), held(3)] }),
      contents('consul', { web: [held(1)] }),
      contents('eureka', { WEB: [held(1), held(2, at), held(3, { healthy: false })] }),
    );
    expect(web?.troubles.map(({ text }) => text)).toEqual([
      'Consul lacks 2 of 3',
      'Eureka has 1 at another address',
      'registries tell the health of 1 differently',
    ]);
  });
});

it('counts nothing that has left by all that can be read', () => {
  const old = contents('consul', { web: [held(1), held(2)] }, { state: 'old' });
  const [web] = factsIn(contents('cloudmap', { web: [held(1)] }), old);
  expect(web).toMatchObject({
    rows: [{ target: held(1) }],
    outdated: [{ target: held(2) }],
    healthy: 1,
    needsYou: false,
    troubles: [{ level: 'note', text: '1 more in an old answer only' }],
  });
  const [alone] = factsIn(old);
  expect(alone).toMatchObject({ healthy: 2, outdated: [] });
});

it('puts the worst first, and others’ services last', () => {
  const all = troubled(300, 10);
  const facts = factsAfter(
    { skips: [], shared: SHARED },
    contents('cloudmap', all.cloudmap),
    contents('consul', all.consul),
    contents('eureka', all.eureka),
  );
  expect(facts.slice(0, 4).map(({ service, troubles }) => [service, troubles[0]?.text])).toEqual([
    ['stock-api', 'none of 10 instances healthy'],
    ['orders-api', '4 of 10 unhealthy, all in eu-central-1a'],
    ['basket-api', 'name shared by shop/basket-api and staging/basket'],
    ['mail-api', 'Consul lacks 1 of 10'],
  ]);
  expect(facts.at(-1)?.service).toBe('ledger');
  expect(facts.filter(({ needsYou }) => needsYou)).toHaveLength(4);
});
