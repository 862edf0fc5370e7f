import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Target } from '../../../../shared/model/registration.ts';
import {
  type Content,
  contents,
  held,
  hostile,
  inCapitals,
  round,
  SHARED,
  troubled,
} from '../../../support/page-scene.ts';
import { page } from './view.ts';

const threeOf = ({
  cloudmap,
  consul,
  eureka,
}: Record<'cloudmap' | 'consul' | 'eureka', Content>) => [
  contents('cloudmap', cloudmap),
  contents('consul', consul),
  contents('eureka', eureka),
];

describe('the overview of 300 services with 10 instances each', () => {
  const registries = threeOf(troubled(300, 10));
  const [cloudmap, , eureka] = registries;
  const withoutConsul = [
    cloudmap as (typeof registries)[number],
    { state: 'unreadable', registry: 'consul', fault: 'down' } as const,
    eureka as (typeof registries)[number],
  ];

  it.each([
    ['with all registries', registries, 301],
    ['with Consul down', withoutConsul, 300],
  ])('is below 60 KB, and below 15 compressed, %s', (_, given, rows) => {
    const { body, rows: shown } = page({ registries: given, round: round({ shared: SHARED }) });
    expect(shown).toHaveLength(rows);
    expect(Buffer.byteLength(body)).toBeLessThan(60_000);
    expect(gzipSync(body).length).toBeLessThan(15_000);
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
  /** As Lambda carries it. */
  const sizeOf = (body: string) => Buffer.byteLength(JSON.stringify(body));

  it.each([
    ['of one service', many(1, 10_000), '', 1],
    ['of ten thousand services', many(10_000, 1), '', 400],
    ['of ten thousand services, the last page', many(10_000, 1), 'page=25', 400],
    ['of one service that is asked for', many(1, 10_000), 'service=service-0&page=7', 100],
    ['when few of them fit', many(100, 100), 'q=10.0.39.15:', 1],
  ])('%s are shown in parts', (_, all, query, rows) => {
    const { body, text, rows: shown } = page({ registries: [all], query });
    expect(shown).toHaveLength(rows);
    expect(sizeOf(body)).toBeLessThan(300_000);
    if (query === '') expect(text).toContain('10,000 instances');
  });

  it('stay far below Lambda’s limit, whatever their metadata', () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 64 }, (_, at) => [`k${at}`, '"<'.repeat(2_000)]),
    );
    const { body, text } = page({
      registries: [many(1, 1_000, metadata)],
      query: 'service=service-0',
    });
    expect(sizeOf(body)).toBeLessThan(3_000_000);
    expect(text).toContain('fit on this page: narrow the search');
  });

  it('are paged, and the links keep what was asked', () => {
    const { body, text } = page({
      registries: [many(1, 250)],
      query: 'service=service-0&page=2&q=10.',
    });
    expect(text).toContain('Page 2 of 3');
    expect(body).toContain('href="?q=10.&amp;service=service-0&amp;page=3"');
    expect(body).toContain('href="?q=10.&amp;service=service-0"');
  });

  it('that are hostile are as bounded, and as harmless', () => {
    const content = hostile(10_000, 500);
    const registries = threeOf({ cloudmap: content, consul: content, eureka: inCapitals(content) });
    for (const query of ['', 'group=zone', 'group=host', 'problems=true&sort=-cluster']) {
      const { body } = page({ registries, query });
      expect(sizeOf(body)).toBeLessThan(400_000);
      expect(body).not.toMatch(/<img|\u202e|\u200b|\0|<script>window/);
      expect(body.match(/<script/g)).toHaveLength(1);
    }
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
  const of = (target: Target) => [contents('consul', { [target.service]: [target] })];
  const tagsOf = (body: string) =>
    (body.match(/<[a-z!/][^>]*>/gi) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""'));
  /** Beside it one of ours, so that the name is shared: whatever can be said of it is said. */
  const like = (text: string): Target => ({
    ...held(1),
    service: text || 'x',
    id: text,
    address: text,
    zone: text,
    tags: [text],
    metadata: { ...held(1).metadata, ECS_CLUSTER_NAME: text, home: text, [text || 'k']: text },
  });
  const pagesOf = (text: string) => {
    const registries = of(like(text));
    const service = new URLSearchParams({ service: text });
    return ['', 'group=zone', 'group=cluster', `${service}`, 'q=1'].map(
      (query) => page({ registries, query, round: 'none' }).body,
    );
  };
  const harmless = pagesOf('harmless');

  it.each(HOSTILE)('is text and nothing else: %j', (text) => {
    // Where a name cannot stand in a command, none is offered.
    const withoutCommands = (body: string) =>
      tagsOf(body.replace(/<p>[^<]*<code class="call">.*?<\/code><\/p>/g, ''));
    for (const [at, body] of pagesOf(text).entries()) {
      expect(body).not.toContain('\u202e');
      if (at !== 3) expect(withoutCommands(body)).toEqual(withoutCommands(harmless[at] ?? ''));
      else expect(new Set(tagsOf(body))).toEqual(new Set([...tagsOf(body)].filter(isOurs)));
    }
  });
  const ours = new Set(harmless.flatMap(tagsOf));
  const isOurs = (tag: string) => ours.has(tag);

  it('adds no tag, whatever it is', () => {
    const evil = fc.string({
      unit: fc.constantFrom('<', '>', '"', "'", '&', '/', '=', 'a', ' ', '\\', '-', '!', '\0'),
    });
    fc.assert(
      fc.property(evil, (text) => {
        fc.pre(!(text in held(1).metadata) && text !== 'home' && text.trim() !== '');
        for (const body of pagesOf(text))
          expect(tagsOf(body).filter((tag) => !isOurs(tag))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('leads nowhere, home pages included', () => {
    const home = held(1, { metadata: { homePageUrl: 'javascript:alert(1)' } });
    const { body } = page({ registries: of(home), query: 'service=web' });
    expect(body).toContain('javascript:alert(1)');
    expect(body).not.toMatch(/href="[^"?d]/);
  });

  it('is cut where it is long', () => {
    for (const body of pagesOf('x'.repeat(100_000))) expect(body.length).toBeLessThan(30_000);
  });
});
