import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import { resolve } from '../../../scripts/stack/resolve.ts';
import { list, ofType, type Template, text } from '../../../scripts/stack/template.ts';

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

interface Widget {
  readonly x: number;
  readonly y: number;
  readonly properties: { readonly title: string; readonly metrics: readonly unknown[][] };
}

const widgets = (): readonly Widget[] => {
  const { resources } = resolve(template, { dashboard: 'on', owner: 'shop' });
  const body = String(resources['Dashboard']?.Properties['DashboardBody']);
  return JSON.parse(body).widgets;
};

/** As shared/platform/telemetry.ts has them. */
const counters = () => {
  const source = readFileSync(
    new URL('../../../shared/platform/telemetry.ts', import.meta.url),
    'utf8',
  );
  const [, union = ''] = /export type Counter =([\s\S]*?);/.exec(source) ?? [];
  return [...union.matchAll(/'(\w+)'/g)].map(([, name = '']) => name);
};

/** What our own metrics are that the dashboard shows. */
const shown = () =>
  widgets()
    .flatMap(({ properties }) => properties.metrics)
    .flatMap((metric) => {
      const [namespace, name] = metric;
      if (namespace === 'Rollcall') return [String(name)];
      return /MetricName="(\w+)"/.exec(JSON.stringify(metric).replaceAll('\\"', '"'))?.[1] ?? [];
    });

describe('the dashboard', () => {
  it('is there only when it is asked for', () => {
    expect(resolve(template, {}).resources).not.toHaveProperty('Dashboard');
    expect(widgets().length).toBeGreaterThan(5);
  });

  it('shows every metric of ours but what is ignored, and none that there is not', () => {
    expect([...new Set(shown())].sort()).toEqual(
      ['EventAge', ...counters()].filter((name) => name !== 'Ignored').sort(),
    );
  });

  it('searches by the owner, and lets every registry have a line under its name', () => {
    const searches = widgets()
      .flatMap(({ properties }) => properties.metrics)
      .map(([first]) => Object(first))
      .filter(({ expression }) => expression !== undefined);
    expect(searches.length).toBeGreaterThan(5);
    for (const { expression, label } of searches) {
      expect(expression).toContain('{Rollcall,Owner,Registry} Owner="shop" MetricName="');
      expect(label).toMatch(/^\$\{PROP\('Dim\.Registry'\)\}: /);
    }
  });

  it('has no widget on another', () => {
    const places = widgets().map(({ x, y }) => `${x} ${y}`);
    expect(new Set(places).size).toBe(places.length);
  });
});

describe('the saved queries', () => {
  it('look in the log of the stack, under names of their own', () => {
    const queries = ofType(template, 'AWS::Logs::QueryDefinition');
    expect(queries.length).toBeGreaterThan(5);
    const names = queries.map(([, { Properties }]) => text(Properties['Name'] ?? ''));
    expect(new Set(names).size).toBe(queries.length);
    for (const [name, { Properties }] of queries) {
      expect(text(Properties['Name'] ?? '')).toMatch(/^rollcall-dev\/\w/);
      expect([name, list(Properties['LogGroupNames'])]).toEqual([name, [{ Ref: 'LogGroup' }]]);
    }
  });

  it('ask for fields that lines have', () => {
    const page = readFileSync(new URL('../../../docs/history.md', import.meta.url), 'utf8');
    const log = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
    const fields = new Set([...`${page}${log}`.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    for (const [, { Properties }] of ofType(template, 'AWS::Logs::QueryDefinition')) {
      const query = text(Properties['QueryString'] ?? '');
      const [, shownFields = ''] = /\| display (.*)/.exec(query) ?? [];
      for (const field of shownFields.split(', ').filter(Boolean))
        expect([field, fields.has(field.split('.')[0] ?? '')]).toEqual([field, true]);
    }
  });
});
