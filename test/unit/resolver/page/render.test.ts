import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Target } from '../../../../shared/model/registration.ts';
import {
  createWithholdTarget,
  type WithholdTarget,
} from '../../../../shared/resolver/lookup/withhold.ts';
import type { PageData } from '../../../../shared/resolver/page/page-data.ts';
import { renderPage } from '../../../../shared/resolver/page/render.ts';
import { SCRIPT } from '../../../../shared/resolver/page/script.ts';
import { parsePageQuery } from '../../../../shared/resolver/page/select.ts';
import { STYLE } from '../../../../shared/resolver/page/style.ts';
import {
  contents,
  counts,
  held,
  NOW,
  OWNER,
  round,
  shopContents,
} from '../../../support/page-scene.ts';

interface Overrides extends Partial<PageData> {
  readonly query?: string;
  readonly now?: number;
  readonly withhold?: WithholdTarget;
}

const view = ({ query = '', now = NOW, withhold = () => undefined, ...overrides }: Overrides) => ({
  data: {
    registries: shopContents(),
    round: round(),
    owner: OWNER,
    admin: { stack: 'rollcall-prod', region: 'eu-central-1' },
    ...overrides,
  },
  query: parsePageQuery(new URLSearchParams(query)),
  now,
  signedIn: false,
  withhold,
});

/** Without tags, for what people read. */
const textOf = (body: string) =>
  body
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
const page = (overrides: Overrides = {}) => {
  const { body: sent, ...rest } = renderPage(view(overrides));
  const body = String(sent);
  return { ...rest, body, text: textOf(body) };
};
const of = (target: Target) => ({
  registries: [contents('consul', { [target.service]: [target] })],
  round: 'none' as const,
});

describe('the page', () => {
  it('shows each instance with health, place, zone, age, tags, and where it is registered', () => {
    const { text } = page();
    expect(text).toContain('4 services, 7 instances, 1 unhealthy, registries differ on 1');
    expect(text).toContain(
      'healthy 10.0.0.3:8080 cloudmap consul missing eureka eu-central-1c 2 h blue v2',
    );
    expect(text).toContain('unhealthy 10.0.0.12:8080');
    expect(text).toContain('10.0.0.31:8080 consul written by others');
    expect(text).toContain('team trading');
  });

  it('shows which revision an instance runs, as a way to all that run it', () => {
    const metadata = { ...held(1).metadata, ROLLCALL_REVISION: '7' };
    const { text, body } = page(of(held(1, { metadata })));
    expect(text).toContain('revision 7');
    expect(body).toContain('href="?q=ROLLCALL_REVISION%3D7"');
    const forged = { ...held(1).metadata, ROLLCALL_REVISION: '7"><b>' };
    expect(page(of(held(1, { metadata: forged }))).text).not.toContain('revision 7');
  });

  it('tells what the last reconcile did, and why tasks are not registered', () => {
    const { text } = page();
    expect(text).toContain('Last reconcile under 1 min ago, 1 failure');
    expect(text).toContain('In 1.2 s: 7 running tasks in 1 cluster, policy sync.');
    expect(text).toContain('500 rpc error: No cluster leader');
    expect(text).toContain('no-ports');
    expect(text).toContain('no container of batch:7 publishes a port');
  });

  it('gives the call that explains a task, ready for a shell', () => {
    expect(page().text).toMatch(
      /run: aws lambda invoke --region eu-central-1 --function-name rollcall-prod-inspect .* --payload &#39;\{&quot;command&quot;:&quot;explain&quot;,&quot;task&quot;:&quot;arn:aws:ecs:\S+&quot;\}&#39;/,
    );
  });

  it('gives the call that the local run answers', () => {
    const { text } = page({ admin: { url: 'http://127.0.0.1:18081/control' } });
    expect(text).toMatch(
      /run: curl http:\/\/127\.0\.0\.1:18081\/control\/inspect -d &#39;\{&quot;command&quot;:&quot;explain&quot;\S+\}&#39;/,
    );
  });

  it('gives the bare command where the function’s name is not known, and says what it is for', () => {
    const { text } = page({ admin: undefined });
    expect(text).toContain('send the function inspect : {&quot;command&quot;:&quot;explain&quot;');
    expect(text).not.toContain('aws lambda');
  });

  it('offers no command for a shell that somebody else wrote', () => {
    const evil = held(1, {
      metadata: { ROLLCALL_TASK: "arn:aws:ecs:eu:111122223333:task/a'; rm -rf ~; '" },
    });
    expect(page(of(evil)).text).not.toContain('aws lambda');
    const skips = [{ task: "x' $(reboot)", code: 'no-ports' as const, detail: '' }];
    expect(page({ registries: [], round: round({ skips }) }).text).not.toContain('aws lambda');
    const withheld = [
      { cluster: 'shop', plan: "a'; reboot; '", removals: 40, why: 'missing' as const },
    ];
    expect(page({ registries: [], round: round({ skips: [], withheld }) }).text).not.toContain(
      'aws lambda',
    );
  });

  it('says of names that are withheld that the old ones stay', () => {
    const withheld = [{ cluster: 'shop', plan: 'ab12', removals: 40, why: 'renamed' as const }];
    const { text } = page({ registries: [], round: round({ withheld }) });
    expect(text).toContain('The old names stay.');
    expect(text).not.toContain('no longer knows');
  });

  it('says what is withheld, and how to let it through', () => {
    const withheld = [{ cluster: 'shop', plan: 'ab12', removals: 40, why: 'missing' as const }];
    const { text } = page({ registries: [], round: round({ withheld }) });
    expect(text).toContain('removals withheld');
    expect(text).toMatch(/40 records in shop : .*release&quot;,&quot;plan&quot;:&quot;ab12/);
  });

  it('says of a registry that fails that it cannot be read, and calls nothing missing there', () => {
    const [cloudmap, consul] = shopContents();
    if (!cloudmap || !consul) throw new Error('no scene');
    const registries = [cloudmap, consul, { state: 'unreadable', registry: 'eureka' } as const];
    const { text } = page({ registries, round: 'unreadable' });
    expect(text).toContain('eureka cannot be read; the resolver’s log says why');
    expect(text).toContain('Last reconcile its report cannot be read');
    expect(text).not.toContain('eureka missing');
  });

  it('says of what the reconciler could not read why, and names the registry once', () => {
    const registries = {
      consul: { ...counts, unknown: 'consul: reading /v1: 500 No cluster leader' },
    };
    const { text } = page({ registries: [], round: round({ registries }) });
    expect(text).toContain('consul could not be read: reading /v1: 500 No cluster leader');
  });

  it('says how old an answer is that is shown in place of one that cannot be had', () => {
    const old = contents('consul', { web: [held(1)] }, { state: 'old', age: 180_000 });
    expect(page({ registries: [old], round: 'none' }).text).toContain(
      'consul cannot be read; 3 min ago it held 1 instance',
    );
  });

  it('says that the reconciler has not come for long', () => {
    const late = round({ at: new Date(NOW - 600_000).toISOString() });
    expect(page({ registries: [], round: late }).text).toContain(
      '10 min ago, it should come each minute',
    );
  });

  it('is plain where there is nothing', () => {
    const { text } = page({ registries: [], round: 'none' });
    expect(text).toContain('No service is registered yet.');
    expect(text).toContain('none has reported yet');
    expect(page({ query: 'q=nobody' }).text).toContain('Nothing fits.');
  });

  it('keeps in its form what was asked', () => {
    const { body } = page({ query: 'q=%22%3E&cluster=gone&health=unhealthy&drift=true' });
    expect(body).toContain('name="q" value="&quot;&gt;"');
    expect(body).toContain('<option value="gone" selected>');
    expect(body).toContain('<option value="unhealthy" selected>');
    expect(body).toContain('name="drift" value="true" checked');
  });

  it('says what it did not understand of the query, and shows the rest', () => {
    const { text, status } = page({ query: 'health=<b>&drift=maybe&page=0&q=web' });
    expect(status).toBe(200);
    expect(text).toContain(
      'health: expected healthy or unhealthy, got &quot;&lt;b&gt;&quot; ; it is left out',
    );
    expect(text).toContain('drift: expected true or false, got &quot;maybe&quot;');
    expect(text).toContain('page: expected a whole number from 1, got &quot;0&quot;');
    expect(text).toContain('1 service, 3 instances');
  });

  it('stays the same within a minute, so that it is not sent again', () => {
    expect(page({ now: NOW + 15_000 }).body).toBe(page().body);
  });

  it('loads nothing, and runs nothing but its own script', () => {
    const { body, headers } = page();
    expect(body).not.toMatch(/(?:src|srcset)=|url\(|@import/);
    expect(
      [...body.matchAll(/href="([^"]*)"/g)].every(([, to = '']) => /^(\?|data:)/.test(to)),
    ).toBe(true);
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
});

describe('what others have written', () => {
  const HOSTILE = [
    '</script><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)",
    'javascript:alert(1)',
    '\u202egpj.exe',
    '{{7*7}}',
    '<!--',
  ];
  const tagsOf = (body: string) =>
    (body.match(/<[a-z!/][^>]*>/gi) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""'));
  const like = (text: string): Target => ({
    ...held(1),
    service: text || 'x',
    id: text,
    address: text,
    zone: text,
    tags: [text],
    metadata: { ...held(1).metadata, ECS_CLUSTER_NAME: text, home: text, [text || 'k']: text },
  });

  it.each(HOSTILE)('is text and nothing else: %j', (text) => {
    const harmless = page(of({ ...like('harmless') }));
    const { body } = page(of(like(text)));
    expect(tagsOf(body)).toEqual(tagsOf(harmless.body));
    expect(body).not.toContain('\u202e');
  });

  it('adds no tag, whatever it is', () => {
    const expected = tagsOf(page(of(like('harmless'))).body);
    const evil = fc.string({
      unit: fc.constantFrom('<', '>', '"', "'", '&', '/', '=', 'a', ' ', '\\', '-', '!', '\0'),
    });
    fc.assert(
      fc.property(evil, (text) => {
        fc.pre(!(text in held(1).metadata) && text !== 'home' && text !== '');
        expect(tagsOf(page(of(like(text))).body)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('leads nowhere, home pages included', () => {
    const home = held(1, { metadata: { homePageUrl: 'javascript:alert(1)' } });
    const { body } = page(of(home));
    expect(body).toContain('javascript:alert(1)');
    expect(body).not.toMatch(/href="[^"?d]/);
  });

  it('is cut where it is long', () => {
    const { body } = page(of(like('x'.repeat(100_000))));
    expect(body.length).toBeLessThan(30_000);
  });
});

describe('10,000 instances', () => {
  const many = (services: number, each: number, metadata = {}) =>
    contents(
      'consul',
      Object.fromEntries(
        Array.from({ length: services }, (_, of) => [
          `service-${of}`,
          Array.from({ length: each }, (_, at) =>
            held(of * each + at, { service: `service-${of}`, metadata }),
          ),
        ]),
      ),
    );
  const rowsOf = (body: string) => body.match(/<tr role="row"><td/g)?.length ?? 0;
  /** As Lambda carries it. */
  const sizeOf = (body: string) => Buffer.byteLength(JSON.stringify(body));

  it.each([
    ['of one service', many(1, 10_000), '', 20],
    ['of a hundred', many(100, 100), '', 200],
    ['of ten thousand services', many(10_000, 1), '', 100],
    ['of one service that is asked for', many(1, 10_000), 'service=service-0&page=7', 100],
    ['when few of them fit', many(100, 100), 'q=10.0.39.15:', 1],
  ])('%s are shown in parts', (_, all, query, rows) => {
    const { body, text } = page({ registries: [all], query });
    expect(rowsOf(body)).toBe(rows);
    expect(sizeOf(body)).toBeLessThan(1_000_000);
    if (query === '') expect(text).toContain('10,000 instances');
  });

  it('stay far below Lambda’s limit, whatever their metadata', () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 64 }, (_, at) => [`k${at}`, '"<'.repeat(2_000)]),
    );
    const { body } = page({ registries: [many(100, 100, metadata)] });
    expect(sizeOf(body)).toBeLessThan(3_000_000);
    expect(rowsOf(body)).toBeGreaterThan(0);
    const one = page({ registries: [many(1, 1_000, metadata)], query: 'service=service-0' });
    expect(one.text).toContain('More does not fit on one page');
  });

  it('are paged', () => {
    const { body, text } = page({
      registries: [many(1, 250)],
      query: 'service=service-0&page=2&q=10.',
    });
    expect(text).toContain('Page 2 of 3');
    expect(body).toContain('href="?q=10.&amp;service=service-0&amp;page=3"');
    expect(body).toContain('href="?q=10.&amp;service=service-0"');
  });
});

describe('an instance that clients are not given', () => {
  const bad = contents('consul', { web: [held(0, { address: '169.254.169.254' })] });
  const { text } = page({ registries: [bad], withhold: createWithholdTarget({}) });

  it('is shown with the reason', () => {
    expect(text).toContain('not given to clients: 169.254.169.254: a link-local address');
    expect(text).toContain('1 withheld from clients');
  });

  it('is found by it', () => {
    const found = page({
      registries: [bad],
      withhold: createWithholdTarget({}),
      query: 'q=link-local',
    });
    expect(found.text).toContain('169.254.169.254');
  });
});
