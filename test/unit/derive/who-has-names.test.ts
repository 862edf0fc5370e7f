import { describe, expect, test } from 'vitest';
import type { NameRules, Rules } from '../../../shared/config/config.ts';
import type { NameClaim } from '../../../shared/derive/claim-fault.ts';
import { derive } from '../../../shared/derive/derive.ts';
import { namesToAsk } from '../../../shared/derive/names-to-ask.ts';
import {
  type Case,
  claimsOf,
  container,
  definition,
  derived,
  inputOf,
  labelled,
  nameRules,
  names,
  port,
  reasons,
  rules,
  task,
} from './builders.ts';

const STAGE = 'arn:aws:ecs:eu-west-1:111122223333:cluster/stage-1' as const;
const template = (text: string, clusters = /^/): NameRules['templates'][number] => ({
  clusters,
  template: text,
});
const under = (more: Partial<NameRules>, given: Case = {}): Case => ({
  ...given,
  rules: { ...given.rules, names: nameRules(more) },
});
const byHand = { group: 'family:shop-web', startedBy: 'ci' };
const run = (SERVICE_NAME: string): Case => ({
  task: { ...byHand, overrides: { app: { SERVICE_NAME } } },
});
const pinned = (name: string, ...owners: readonly string[]) => ({
  pinned: new Map([[name, owners]]),
});

describe('a name template', () => {
  test.each([
    ['{service}', '8080/tcp web'],
    ['{cluster}-{service}', '8080/tcp shop-web'],
    ['{family}', '8080/tcp shop-web'],
    ['{service}.{account}', '8080/tcp web-111122223333'],
    ['{region}-{service}', '8080/tcp eu-west-1-web'],
  ])('%s calls the primary port %s', (text, expected) =>
    expect(names(under({ templates: [template(text)] }))).toEqual([expected]),
  );

  test('is what all other names of a task begin with', () => {
    const containers = [
      container({ ports: [port(80), port(81, { name: 'admin' })] }),
      container({ name: 'web', ports: [port(90)] }),
    ];
    const given = under({ templates: [template('{cluster}-{service}')] }, { containers });
    expect(names(given)).toEqual([
      '80/tcp shop-web-app-80',
      '81/tcp shop-web-app-admin',
      '90/tcp shop-web',
    ]);
  });

  test('is the first whose clusters match', () => {
    const templates = [template('{cluster}-{service}', /^stage-/), template('{service}')];
    expect(names(under({ templates }))).toEqual(['8080/tcp web']);
    const stage: Case = { task: { clusterArn: STAGE } };
    expect(names(under({ templates }, stage))).toEqual(['8080/tcp stage-1-web']);
  });

  test('calls a task without a service by its family', () =>
    expect(
      names({
        task: byHand,
        rules: { tasks: 'all', names: nameRules({ templates: [template('x-{service}')] }) },
      }),
    ).toEqual(['8080/tcp x-shop-web']));
});

describe('labels=within-service', () => {
  const said = (name: string, more: Partial<NameRules> = {}) =>
    under({ labels: 'within-service', ...more }, { containers: labelled({ SERVICE_NAME: name }) });

  test.each(['web', 'WEB', 'web-canary', 'Web-2'])('takes %s of the service web', (name) =>
    expect(names(said(name))).toEqual([`8080/tcp ${name}`]),
  );

  test.each(['payments', 'website', 'web_2'])(
    'gives the port of the service web its own name in place of %s, and says so',
    (name) => {
      expect(names(said(name))).toEqual(['8080/tcp web']);
      expect(derived(said(name)).notes).toEqual([
        `container app, port 8080/tcp: SERVICE_NAME ${name} has no effect: labels=within-service, so expected web or web-…`,
      ]);
    },
  );

  test('compares with the plain name, so that a service’s own may be somebody else’s', () => {
    const templates = [template('{cluster}-{service}')];
    expect(names(said('web', { templates }))).toEqual(['8080/tcp shop-web']);
    expect(names(said('shop-web-canary', { templates }))).toEqual(['8080/tcp shop-web-canary']);
  });

  test('leaves a run its own word, and tags', () => {
    expect(names(under({ labels: 'within-service' }, run('canary')))).toEqual(['8080/tcp canary']);
    const tags = { 'rollcall:name': 'shop' };
    expect(names(under({ labels: 'none' }, { tags }))).toEqual(['8080/tcp shop']);
  });

  test('of a task without a service goes by the family', () => {
    const given = said('shop-web-2');
    const all = { ...given, task: byHand, rules: { ...given.rules, tasks: 'all' as const } };
    expect(names(all)).toEqual(['8080/tcp shop-web-2']);
  });

  test('takes no word from the opting in', () => {
    const given = said('payments');
    expect(names({ ...given, rules: { ...given.rules, mode: 'opt-in' } })).toEqual([
      '8080/tcp web',
    ]);
  });
});

test('labels=none lets no label say a name, and advises none', () => {
  const containers = [
    container({ labels: { SERVICE_NAME: 'web-2' } }),
    container({ name: 'other', ports: [port(90)] }),
  ];
  const given = under({ labels: 'none' }, { containers });
  expect(names(given)).toEqual(['8080/tcp web', '90/tcp web-other-90']);
  expect(derived(given).notes).toContain(
    'container app, port 8080/tcp: chosen by order to be web; call the container that is meant web',
  );
});

describe('a name that a template gives to another ECS service', () => {
  const claims = claimsOf({ payments: 'prod/payments', 'web-admin': 'prod/web-admin' });
  const payments = { containers: labelled({ SERVICE_NAME: 'Payments' }), more: { claims } };

  test('is not taken by a label: the port bears its own, and it is told whose it is', () => {
    expect(names(payments)).toEqual(['8080/tcp web']);
    expect(derived(payments).notes).toEqual([
      'container app, port 8080/tcp: SERVICE_NAME Payments has no effect: it is the name of ECS service prod/payments',
    ]);
  });

  test('nor by the environment, nor by a tag', () => {
    const environment = { SERVICE_8080_NAME: 'payments' };
    expect(names({ containers: [container({ environment })], more: { claims } })).toEqual([
      '8080/tcp web',
    ]);
    const tagged = { tags: { 'rollcall:name': 'payments' }, more: { claims } };
    expect(names(tagged)).toEqual(['8080/tcp web']);
    expect(derived(tagged).notes).toEqual([
      'tag rollcall:name: payments has no effect: it is the name of ECS service prod/payments',
    ]);
  });

  test('nor by what is put together of a label or a tag', () => {
    const ports = [port(80), port(81, { name: 'admin' })];
    const others = { pay: 'a/pay', 'shop-admin': 'prod/shop-admin' };
    const given = {
      containers: [container({ ports })],
      tags: { 'rollcall:name': 'shop' },
      more: { claims: claimsOf(others) },
    };
    expect(names(given)).toEqual(['80/tcp shop', '81/tcp web-admin']);
    const labels = { ...given, tags: {}, containers: labelled({ SERVICE_NAME: 'shop' }, ...ports) };
    expect(names(labels)).toEqual(['80/tcp shop', '81/tcp web-admin']);
  });

  test('is taken by a label only where sharedNames=allow, and by no run even then', () => {
    const allow = { names: nameRules({ shared: 'allow' }) };
    const allowed = {
      ...payments,
      rules: allow,
      more: { claims: claimsOf({ payments: 'prod/payments' }, allow) },
    };
    expect(names(allowed)).toEqual(['8080/tcp Payments']);
    expect(reasons({ ...run('payments'), rules: allow, more: allowed.more })).toEqual([
      'app 8080 not-of-service',
    ]);
  });

  test('is taken by what another’s port is called, as equals: registered, and told by rounds', () => {
    const containers = [container({ ports: [port(80), port(81, { name: 'admin' })] })];
    expect(names({ containers, more: { claims } })).toEqual(['80/tcp web', '81/tcp web-admin']);
  });

  test('is taken by no family’s name: that of a run, or of a service whose template has {family}', () => {
    const theirs = { 'shop-web': 'prod/shop-web' };
    for (const [text, name] of [
      ['{family}', 'shop-web'],
      ['{family}-{service}', 'shop-web-web'],
    ] as const) {
      const family: Partial<Rules> = { names: nameRules({ templates: [template(text)] }) };
      const claims = claimsOf({ [name]: 'prod/other' }, family);
      expect(reasons({ rules: family, more: { claims } })).toEqual(['app 8080 name-taken']);
      expect(namesToAsk({ task: task(), definition: definition() }, rules(family))).toEqual([name]);
    }
    const all: Partial<Rules> = { tasks: 'all' };
    const byItself: Case = { task: byHand, rules: all, more: { claims: claimsOf(theirs, all) } };
    expect(reasons(byItself)).toEqual(['app 8080 name-taken']);
    expect(namesToAsk({ task: task(byHand), definition: definition() }, rules(all))).toEqual([
      'shop-web',
    ]);
  });

  test('keeps the names of its further ports from runs, but for those of the run’s own family', () => {
    const theirs = claimsOf({ payments: 'prod/payments', shop: 'prod/shop' });
    const more = { claims: theirs };
    expect(reasons({ ...run('payments-admin'), more })).toEqual(['app 8080 not-of-service']);
    expect(derived({ ...run('payments-admin'), more }).skips[0]?.detail).toContain(
      'it is for ports of ECS service prod/payments',
    );
    expect(names({ ...run('shop-web-2'), more })).toEqual(['8080/tcp shop-web-2']);
    expect(names({ ...run('paymentsadmin'), more })).toEqual(['8080/tcp paymentsadmin']);
  });

  test('is the service’s own, whatever others are called so', () =>
    expect(
      names({
        containers: labelled({ SERVICE_NAME: 'web' }),
        more: { claims: claimsOf({ web: 'prod/web' }) },
      }),
    ).toEqual(['8080/tcp web']));
});

describe('sharedNames=refuse', () => {
  const refuse = { names: nameRules({ shared: 'refuse' }) };
  const service = (owner: string, createdAt: number, isPlain = true): NameClaim => ({
    owner,
    isService: true,
    isPlain,
    createdAt,
  });
  const given = (
    claims: Readonly<Record<string, readonly NameClaim[]>>,
    more: Case = {},
  ): Case => ({
    ...more,
    rules: refuse,
    more: { claims: claimsOf(claims, refuse) },
  });

  test('leaves a plain name to the service that was created first', () => {
    expect(names(given({ web: [service('shop/web', 1), service('prod/web', 2)] }))).toEqual([
      '8080/tcp web',
    ]);
    const late = given({ web: [service('shop/web', 2), service('prod/web', 1)] });
    expect(derived(late).skips).toMatchObject([
      {
        code: 'name-taken',
        name: 'web',
        detail:
          'container app, port 8080/tcp: it may not be called web: sharedNames=refuse, and prod/web, created 1970-01-01T00:00:00.001Z, goes before shop/web',
      },
    ]);
  });

  test('goes by the owner where both were created at once', () => {
    expect(reasons(given({ web: [service('shop/web', 1), service('prod/web', 1)] }))).toEqual([
      'app 8080 name-taken',
    ]);
    expect(names(given({ web: [service('shop/web', 1), service('zoo/web', 1)] }))).toEqual([
      '8080/tcp web',
    ]);
  });

  test('takes the names that are made of a lost one with it', () => {
    const containers = [container({ ports: [port(80), port(81)] })];
    const late = given({ web: [service('shop/web', 2), service('prod/web', 1)] }, { containers });
    expect(reasons(late)).toEqual(['app 80 name-taken', 'app 81 name-taken']);
  });

  test('leaves a put-together name to the service that the template calls so, however young', () => {
    const containers = [container({ ports: [port(80), port(81, { name: 'admin' })] })];
    const late = given(
      { web: [service('shop/web', 1)], 'web-admin': [service('shop/web-admin', 2)] },
      { containers },
    );
    expect(names(late)).toEqual(['80/tcp web']);
    expect(reasons(late)).toEqual(['app 81 name-taken']);
  });

  test('puts what services say before tasks without one, and the elder first', () => {
    const containers = labelled({ SERVICE_NAME: 'shared' });
    const family = { owner: 'prod/family:x', isService: false, isPlain: false };
    const own = service('shop/web', 5, false);
    expect(names(given({ shared: [own, family] }, { containers }))).toEqual(['8080/tcp shared']);
    expect(names(given({ shared: [own, service('prod/api', 4, false)] }, { containers }))).toEqual([
      '8080/tcp web',
    ]);
    expect(reasons(given({ canary: [service('prod/api', 4, false)] }, run('canary')))).toEqual([
      'app 8080 not-of-service',
    ]);
  });
});

describe('what a task asks for and has lost', () => {
  const lostBy = (given: Case) => [...derived(given).lost];
  const claims = claimsOf({ payments: 'prod/payments', pay: ['a/pay', 'b/pay'].map(plainly) });
  const more = { claims };
  const said = labelled({ SERVICE_NAME: 'Payments' });

  test('is known with whose it is, by whichever word it asks', () => {
    const theirs = [['payments', ['prod/payments']]];
    expect(lostBy({ containers: said, more })).toEqual(theirs);
    expect(lostBy({ tags: { 'rollcall:name': 'payments' }, more })).toEqual(theirs);
    expect(lostBy({ ...run('payments'), more })).toEqual(theirs);
    expect(lostBy(under(pinned('payments', 'prod/payments'), { containers: said }))).toEqual(
      theirs,
    );
    expect(lostBy({ containers: labelled({ SERVICE_NAME: 'pay' }), more })).toEqual([
      ['pay', ['a/pay', 'b/pay']],
    ]);
  });

  test('is nothing of what labels may not say, or nobody has', () => {
    expect(lostBy(under({ labels: 'within-service' }, { containers: said, more }))).toEqual([]);
    expect(lostBy({ containers: labelled({ SERVICE_NAME: 'consul' }), more })).toEqual([]);
    expect(lostBy({ containers: labelled({ SERVICE_NAME: 'shop' }), more })).toEqual([]);
  });
});

const plainly = (owner: string): NameClaim => ({ owner, isService: true, isPlain: true });

describe('a pinned name', () => {
  test('is its owners’ alone, whatever a template, a label, a tag or a run says', () => {
    const theirs = pinned('web', 'prod/web');
    expect(reasons(under(theirs))).toEqual(['app 8080 name-taken']);
    const labels = { containers: labelled({ SERVICE_NAME: 'Payments' }) };
    const payments = pinned('payments', 'prod/payments');
    expect(names(under(payments, labels))).toEqual(['8080/tcp web']);
    expect(names(under(payments, { tags: { 'rollcall:name': 'payments' } }))).toEqual([
      '8080/tcp web',
    ]);
    expect(reasons(under(payments, run('payments')))).toEqual(['app 8080 not-of-service']);
  });

  test('is kept from others with sharedNames=allow and labels=all too, and under registrator', () => {
    const theirs = { ...pinned('api', 'prod/payments'), shared: 'allow' } as const;
    expect(reasons(under(theirs, { rules: { profile: 'registrator' } }))).toEqual([
      'app 8080 name-taken',
    ]);
  });

  test('is had by each of its owners, whatever labels may say, and whoever has it besides', () => {
    const theirs = {
      ...pinned('payments', 'prod/payments', 'shop/web'),
      labels: 'within-service',
      shared: 'refuse',
    } as const;
    const claims = claimsOf({ payments: 'prod/payments' }, { names: nameRules(theirs) });
    const given = under(theirs, {
      containers: labelled({ SERVICE_NAME: 'payments' }),
      more: { claims },
    });
    expect(names(given)).toEqual(['8080/tcp payments']);
  });

  test('may be a family’s', () =>
    expect(names(under(pinned('reports', 'shop/family:shop-web'), run('reports')))).toEqual([
      '8080/tcp reports',
    ]));
});

describe('a name that registries use themselves', () => {
  test.each(['consul', 'Consul', 'consul-esm', 'EUREKA'])('is nobody’s: %s', (name) => {
    expect(names({ containers: labelled({ SERVICE_NAME: name }) })).toEqual(['8080/tcp web']);
    const service = { group: `service:${name}`, startedBy: 'ecs-svc/1' };
    expect(reasons({ task: service })).toEqual(['app 8080 name-taken']);
  });

  test('is nobody’s under registrator, nor is one of DNS’s second kind of record', () => {
    const registrator = { profile: 'registrator' } as const;
    const image = {
      containers: [container({ image: 'hashicorp/consul:1.21' })],
      rules: registrator,
    };
    expect(reasons(image)).toEqual(['app 8080 name-taken']);
    const twin = { containers: labelled({ SERVICE_NAME: '_payments._tcp' }), rules: registrator };
    expect(names(twin)).toEqual(['8080/tcp api']);
  });

  test('is somebody’s once it is pinned', () =>
    expect(
      names(
        under(pinned('consul', 'shop/web'), { containers: labelled({ SERVICE_NAME: 'consul' }) }),
      ),
    ).toEqual(['8080/tcp consul']));
});

test.each(['pay/ments', 'pay ments', '-pay.ments-', 'pay\u0001ments'])(
  'under registrator %j is what registries make of it',
  (name) => {
    const theirs = under(pinned('pay-ments', 'prod/pay-ments'), {
      containers: labelled({ SERVICE_NAME: name }),
      rules: { profile: 'registrator' },
    });
    expect(names(theirs)).toEqual(['8080/tcp api']);
  },
);

describe('ECS is asked', () => {
  const asked = (given: Case, more: Partial<NameRules> = {}) => {
    const { task: of, definition: by } = inputOf(given);
    return namesToAsk(
      { task: of, definition: by },
      rules({ ...given.rules, names: nameRules(more) }),
    );
  };
  const two = [container({ ports: [port(80), port(81)] })];

  test('nothing of a task that says no name, or its own', () => {
    expect(asked({ containers: two })).toEqual([]);
    expect(asked({ containers: labelled({ SERVICE_NAME: 'web', SERVICE_TAGS: 'a' }) })).toEqual([]);
  });

  test('whose a name is that a label, a tag, a VIP or a run says', () => {
    expect(asked({ containers: labelled({ SERVICE_NAME: 'Shop' }) })).toEqual(['shop']);
    expect(asked({ tags: { 'rollcall:name': 'shop' }, containers: two })).toEqual([
      'shop',
      'shop-81',
    ]);
    expect(asked({ containers: labelled({ SERVICE_EUREKA_VIP: 'a,b' }) })).toEqual(['a', 'b']);
    expect(asked(run('canary'))).toEqual(['canary']);
    expect(asked(run('shop-web'))).toEqual(['shop-web']);
  });

  test('nothing of a name that is no label’s to say', () => {
    const containers = labelled({ SERVICE_NAME: 'shop' });
    expect(asked({ containers }, { labels: 'within-service' })).toEqual([]);
    expect(asked({ containers }, pinned('shop', 'prod/shop'))).toEqual([]);
  });

  test('nothing for labels with sharedNames=allow or under registrator, and for all with refuse', () => {
    const containers = labelled({ SERVICE_NAME: 'shop' });
    expect(asked({ containers }, { shared: 'allow' })).toEqual([]);
    expect(asked({ containers, rules: { profile: 'registrator' } })).toEqual([]);
    expect(asked({ containers: two }, { shared: 'refuse' })).toEqual(['web', 'web-81']);
  });
});

test('a task that stops goes under what it says and under what it would be called without', () => {
  const stopping = (labels: Record<string, string>) =>
    derive(
      {
        task: task({ desiredStatus: 'STOPPED' }),
        definition: definition({ containers: labelled(labels) }),
        obstacle: ['not-running', 'it stops'],
      },
      rules(),
    ).identities.map(({ service }) => service);
  expect(stopping({ SERVICE_NAME: 'shop' })).toEqual(['shop', 'web']);
  expect(stopping({ SERVICE_NAME: 'web' })).toEqual(['web']);
  expect(stopping({})).toEqual(['web']);
});
