import { describe, expect, it } from 'vitest';
import type { Target } from '../../../../shared/model/registration.ts';
import { parsePageQuery } from '../../../../shared/resolver/page/query.ts';
import { SCRIPT } from '../../../../shared/resolver/page/script.ts';
import { STYLE } from '../../../../shared/resolver/page/style.ts';
import {
  contents,
  DEPLOYMENT,
  held,
  NOW,
  round,
  shopContents,
} from '../../../support/page-scene.ts';
import { page } from './view.ts';

const of = (target: Target) => ({
  registries: [contents('consul', { [target.service]: [target] })],
  round: 'none' as const,
});
const unreadable = (registry: 'cloudmap' | 'consul' | 'eureka') =>
  ({ state: 'unreadable', registry, fault: 'consul: no answer within 3 s' }) as const;

describe('the overview', () => {
  it('has a row for each service, and what needs somebody first', () => {
    expect(page().rows).toEqual([
      'stock-price 1 of 2 unhealthy 1/2 M C E in all a shop 2 h',
      'web Consul lacks 1 of 3 3/3 M C E Consul lacks 1 a b c shop 2 h',
      'mail 1 not yet in Cloud Map; 1 not yet in Eureka 1/1 M C E Cloud Map not yet 1; Eureka not yet 1 a shop under 1 min',
      'ledger 1/1 · C · Cloud Map not there; Eureka not there a',
    ]);
    expect(page().text).toMatch(/Need you .*All is well .*Written by others/);
  });

  it('says in its heading what the registries’ letters stand for', () => {
    expect(page().text).toContain('Registries M Cloud Map, C Consul, E Eureka');
  });

  it('counts everything, each number a link to what it counts', () => {
    const { body, text } = page();
    expect(text).toContain('4 services 7 instances 2 services need you 1 instance unhealthy');
    expect(text).toContain('Registries differ on 1');
    for (const query of [
      'problems=true',
      'health=unhealthy',
      'drift=true',
      'group=zone',
      'group=cluster',
    ])
      expect(body).toContain(`href="?${query}"`);
  });

  it('counts whole services, not what a filter leaves of them', () => {
    const { text, rows } = page({ query: 'health=unhealthy' });
    expect(rows).toEqual([
      'stock-price 1 of 2 match; 1 of 2 unhealthy 1/2 M C E in all a shop 2 h',
    ]);
    expect(text).toContain('4 services 7 instances');
    expect(text).toContain('1 of 4 services:');
  });

  it.each([
    ['q=stock', ['stock-price']],
    ['problems=true', ['stock-price', 'web']],
    ['drift=true', ['web']],
    ['zone=eu-central-1c', ['web']],
    ['sort=name', ['ledger', 'mail', 'stock-price', 'web']],
    ['sort=-name', ['web', 'stock-price', 'mail', 'ledger']],
    ['sort=healthy', ['stock-price', 'ledger', 'mail', 'web']],
    ['sort=changed', ['mail', 'web', 'stock-price', 'ledger']],
  ])('by %s is %j', (query, names) => {
    expect(page({ query }).rows.map((row) => row.split(' ')[0])).toEqual(names);
  });

  it('says by what it is sorted, and a second click turns the order around', () => {
    const { body } = page({ query: 'sort=name&q=a' });
    expect(body).toContain(
      '<th scope="col" aria-sort="ascending"><a href="?q=a&amp;sort=-name">Service',
    );
  });

  it('groups by zone, by cluster and by host, each counted whole', () => {
    expect(page({ query: 'group=zone' }).rows).toEqual([
      'eu-central-1a 1 unhealthy 4/5 4 0 under 1 min',
      'eu-central-1c 1/1 1 1 2 h',
      'eu-central-1b 1/1 1 0 2 h',
    ]);
    expect(page({ query: 'group=cluster&drift=true' }).rows).toEqual([
      'shop 1 unhealthy 5/6 3 1 under 1 min',
    ]);
    expect(page({ query: 'group=host' }).rows).toEqual([
      'none said: Fargate, or others 1 unhealthy 6/7 4 1 under 1 min',
    ]);
    expect(page({ query: 'group=zone&q=web' }).body).toContain(
      'href="?q=web&amp;zone=eu-central-1b"',
    );
  });

  it('shows what is filtered, each filter with a link without it', () => {
    const { text, body } = page({ query: 'q=stock&health=unhealthy' });
    expect(text).toContain('1 of 4 services: Without “stock” × Without unhealthy × Show all');
    expect(body).toContain('href="?q=stock"');
    expect(body).toContain('href="?health=unhealthy"');
  });

  it('is plain where there is nothing', () => {
    const { text } = page({ registries: [contents('consul', {})], round: 'none' });
    expect(text).toContain('No service is registered yet.');
    expect(text).toContain('none has reported yet');
    expect(page({ query: 'q=nobody' }).text).toContain('Nothing fits. Show everything');
  });

  it('keeps in its form what was asked', () => {
    const { body } = page({
      query: 'q=%22%3E&cluster=gone&health=unhealthy&drift=true&sort=name&group=zone',
    });
    expect(body).toContain('name="q" value="&quot;&gt;"');
    expect(body).toContain('<option value="gone" selected>');
    expect(body).toContain('<option value="unhealthy" selected>');
    expect(body).toContain('<option value="zone" selected>');
    expect(body).toContain('type="hidden" name="sort" value="name"');
    expect(body).toContain('type="hidden" name="drift" value="true"');
  });

  it('says what it did not understand of the address, and shows the rest', () => {
    const { text, status } = page({
      query: 'health=<b>&drift=maybe&page=0&sort=size&group=me&colour=red&q=web',
    });
    expect(status).toBe(200);
    expect(text).toContain(
      'health: expected healthy or unhealthy, got &quot;&lt;b&gt;&quot; ; it is left out',
    );
    expect(text).toContain('drift: expected true or false, got &quot;maybe&quot;');
    expect(text).toContain('page: expected a whole number from 1, got &quot;0&quot;');
    expect(text).toContain('sort: expected any of name, healthy,');
    expect(text).toContain('group: expected cluster, host or zone, got &quot;me&quot;');
    expect(text).toMatch(/address: expected no keys but q, .*, got &quot;colour&quot;/);
    expect(page({ query: 'q=web' }).text).not.toContain('left out');
  });
});

describe('what cannot be read', () => {
  const [cloudmap, consul] = shopContents() as [
    ReturnType<typeof contents>,
    ReturnType<typeof contents>,
  ];

  it('is unknown: not missing, not none, and why stands there', () => {
    const registries = [cloudmap, unreadable('consul'), contents('eureka', {})];
    const { body, text, rows } = page({ registries, round: 'unreadable' });
    expect(text).toContain('5 instances, without what only Consul may hold');
    expect(text).toContain('Consul cannot be read registries differ on 5');
    expect(text).toContain('Reading it failed: consul: no answer within 3 s');
    expect(text).toContain('Last round unknown: its report cannot be read');
    expect(body).toContain('<title>2 need you · Consul cannot be read · prod');
    expect(text).toContain('Nothing wrong that is known');
    expect(rows[0]).toContain('Consul unknown');
    expect(rows[2]).toMatch(/^mail no instances that are known unknown/);
    expect(text).not.toContain('Consul lacks');
  });

  it('is not called empty', () => {
    const nothing = page({ registries: [unreadable('consul'), unreadable('eureka')] }).text;
    expect(nothing).toContain('Services unknown no registry can be read');
    expect(nothing).toContain('Which services there are is unknown. Consul and Eureka cannot be');
    expect(nothing).not.toMatch(/\b0 services|No service is registered/);
    const part = page({ registries: [contents('cloudmap', {}), unreadable('consul')] }).text;
    expect(part).toContain('No service is known: what Consul holds is unknown.');
    expect(page({ registries: [cloudmap, unreadable('consul')] }).text).toContain(
      'Consul cannot be read what it holds is unknown',
    );
    const found = page({ registries: [cloudmap, unreadable('consul')], query: 'q=nobody' }).text;
    expect(found).toContain('Nothing fits in what can be read; what Consul holds is unknown.');
  });

  it('leaves open whether a service exists', () => {
    const sure = page({ query: 'service=nobody' }).text;
    expect(sure).toContain('No registry holds it.');
    expect(sure).toMatch(/Go on .*rollcall explain nobody/);
    const unsure = page({ registries: [cloudmap, unreadable('consul')], query: 'service=nobody' });
    expect(unsure.text).toContain('No registry that can be read holds it.');
    expect(unsure.text).toContain('Consul cannot be read: consul: no answer within 3 s .');
  });

  it('is shown as it was where that is known, with its age', () => {
    const old = contents(
      'consul',
      { web: [held(1)] },
      { state: 'old', age: 180_000, fault: '500' },
    );
    const { text, rows } = page({ registries: [old], round: 'none' });
    expect(text).toContain('None known to need you');
    expect(text).toContain('Consul cannot be read; held 1 3 min ago');
    expect(text).toContain('Consul cannot be read shown as 3 min ago');
    expect(rows).toEqual([
      'web 1 of 1 known from an old answer only 1/1 C Consul unknown a shop 2 h',
    ]);
  });

  it('is nothing in the numbers of the last round either', () => {
    const counts = { records: 0, drift: 0, written: 0, removed: 0, failed: 0, withheld: 0 };
    const registries = {
      consul: { ...counts, waiting: 0, unknown: 'consul: reading /v1: 500 No cluster leader' },
    };
    const { text } = page({ registries: [consul], round: round({ registries }) });
    expect(text).toContain('could not be read: reading /v1: 500 No cluster leader');
    expect(text).toContain('records unknown');
  });
});

describe('the last round', () => {
  it('is one line, and opens to what it did, and why tasks are not registered', () => {
    const { text } = page();
    expect(text).toContain('Last round under 1 min ago, 1 failure');
    expect(text).toContain('In 1.2 s: 7 running tasks in 1 cluster, policy sync.');
    expect(text).toContain('500 rpc error: No cluster leader');
    expect(text).toContain('no-ports no container of batch:7 publishes a port');
  });

  it('says what is withheld, and how to let it through', () => {
    const withheld = [{ cluster: 'shop', plan: 'ab12', removals: 40, why: 'missing' as const }];
    const { text } = page({ round: round({ withheld }) });
    expect(text).toContain('removals withheld');
    expect(text).toMatch(
      /40 records in shop : .* rollcall release ab12 --stack rollcall-prod --region eu-central-1/,
    );
  });

  it('tells the names that several have, those that no service shown bears too', () => {
    const shared = [{ name: 'vip', owners: ['prod/web', 'far/web of theirs'] }];
    const { text } = page({ round: round({ shared }) });
    expect(text).toContain('Names that several have vip prod/web and far/web of theirs');
  });

  it('says of names that are withheld that the old ones stay', () => {
    const withheld = [{ cluster: 'shop', plan: 'ab12', removals: 40, why: 'renamed' as const }];
    const { text } = page({ registries: [], round: round({ withheld }) });
    expect(text).toContain('The old names stay.');
    expect(text).not.toContain('no longer knows');
  });

  it('says that it has not come for long', () => {
    const late = round({ at: new Date(NOW - 600_000).toISOString(), failures: [] });
    expect(page({ round: late }).text).toContain('10 min ago, it should come each minute');
  });
});

describe('the commands', () => {
  it.each([
    ['by the stack', DEPLOYMENT.admin, ' --stack rollcall-prod --region eu-central-1'],
    ['in the local run', { url: 'http://127.0.0.1:18081/control' }, ' --local'],
    ['where nothing says which stack it is', undefined, ''],
  ])('find the functions %s', (_, admin, options) => {
    const { text } = page({ deployment: { ...DEPLOYMENT, admin }, query: 'service=web' });
    expect(text).toContain(`rollcall explain web${options}`);
    expect(text).toContain(`rollcall history web --since 6h${options}`);
    expect(text).toMatch(/rollcall explain arn:aws:ecs:\S+/);
  });

  it('are none that somebody else wrote', () => {
    const evil = held(1, {
      service: 'web; reboot',
      metadata: { ROLLCALL_TASK: "arn:aws:ecs:eu:111122223333:task/a'; rm -rf ~; '" },
    });
    const query = 'service=web;+reboot';
    const skips = [{ task: "x' $(reboot)", code: 'no-ports', detail: '' }];
    const withheld = [
      { cluster: 'shop', plan: "a'; reboot; '", removals: 40, why: 'missing' as const },
    ];
    for (const options of [
      { ...of(evil), query },
      { registries: [], round: round({ skips, withheld }) },
    ])
      expect(page(options).text).not.toMatch(/rollcall (explain|history|release)/);
  });
});

describe('which installation it is', () => {
  it('stands on the page and in its title', () => {
    const { body, text } = page({ query: 'service=web' });
    expect(text).toContain('prod rollcall-prod 1111-2222-3333 eu-central-1 v0.2.0');
    expect(body).toContain(
      '<title>web · 2 need you · prod · rollcall-prod · 1111-2222-3333 · eu-central-1 · v0.2.0 · Rollcall</title>',
    );
  });

  it('is seen at once where it is production', () => {
    const bodyTag = (stage: string) =>
      /<body[^>]*>/.exec(page({ deployment: { ...DEPLOYMENT, stage } }).body)?.[0];
    expect(bodyTag('prod')).toBe('<body class="production">');
    expect(bodyTag('dev')).toBe('<body>');
    expect(page({ deployment: { ...DEPLOYMENT, stage: 'dev' } }).text).toContain(
      'dev rollcall-prod',
    );
  });

  it('is the owner as somebody chose it, where it is not the stack’s own', () => {
    const { text } = page({ deployment: { owner: 'team <b>', region: 'eu-central-1' } });
    expect(text).toContain('Rollcall team &lt;b&gt; eu-central-1 Pause updates');
  });
});

it('stays the same within a minute, so that it is not sent again', () => {
  expect(page({ now: NOW + 15_000 }).body).toBe(page().body);
});

it('loads nothing, and runs nothing but its own script', () => {
  const { body, headers } = page();
  expect(body).not.toMatch(/(?:src|srcset)=|url\(|@import| on[a-z]+=| style=/);
  expect([...body.matchAll(/href="([^"]*)"/g)].every(([, to = '']) => /^(\?|data:)/.test(to))).toBe(
    true,
  );
  expect(body.match(/<script/g)).toHaveLength(1);
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; img-src data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
  );
  expect(headers['referrer-policy']).toBe('no-referrer');
});

it('ends neither script nor style within', () => {
  expect(SCRIPT).not.toMatch(/<\/|<!--/);
  expect(STYLE).not.toMatch(/<\//);
});

it('links to nothing that it does not understand itself', () => {
  const queries = [
    '',
    'service=web&zone=eu-central-1c&problems=true',
    'group=zone',
    'sort=-name&q=a',
  ];
  for (const query of queries) {
    const links = [...page({ query }).body.matchAll(/href="\?([^"]*)"/g)];
    expect(links.length).toBeGreaterThan(2);
    for (const [, link = ''] of links) {
      const { faults } = parsePageQuery(new URLSearchParams(link.replaceAll('&amp;', '&')));
      expect(faults).toEqual([]);
    }
  }
});
