import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { billOf, extras, metricsWatched, total } from '../../../scripts/docs/cost/bill.ts';
import { PRICES } from '../../../scripts/docs/cost/prices.ts';
import { FLEETS, fleetsTable, pricesTable, startsAt } from '../../../scripts/docs/cost/tables.ts';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import type { Template } from '../../../scripts/stack/template.ts';

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

const FLEET = { title: 'one', stacks: 1, tasks: 100, services: 10, replacements: 10 };

describe('the bill of a fleet', () => {
  it('follows from the prices, the template and what the fleet does', () => {
    const bill = billOf(template, FLEET, 'cloudmap');
    expect(bill.rounds).toBeCloseTo(43_800 * (2 * 13.3334e-6 + 0.2e-6), 6);
    expect(bill.events).toBeCloseTo(8_000 * (0.25 * 13.3334e-6 + 0.2e-6 + 3 * 0.4e-6), 6);
    expect(bill.instances).toBeCloseTo(10, 6);
    expect(bill.questions).toBeCloseTo(0.438, 6);
    expect(bill.leases).toBe(0);
  });

  it('has Cloud Map’s instances and Eureka’s leases only where they are chosen', () => {
    const bill = billOf(template, FLEET, 'eureka');
    expect([bill.instances, bill.questions]).toEqual([0, 0]);
    expect(bill.leases).toBeGreaterThan(0);
    expect(total(bill)).toBeLessThan(total(billOf(template, FLEET, 'cloudmap')));
  });

  it('grows with the stacks, line by line', () => {
    const one = billOf(template, FLEET, 'cloudmap');
    expect(total(billOf(template, { ...FLEET, stacks: 60 }, 'cloudmap'))).toBeCloseTo(
      60 * total(one),
      6,
    );
  });

  it('counts the metrics that alarms watch, and not the formulas over them', () => {
    expect(metricsWatched(template, 'cloudmap,consul,eureka')).toBeGreaterThan(
      metricsWatched(template, 'cloudmap'),
    );
    const alarm = (Properties: object) => ({ Type: 'AWS::CloudWatch::Alarm', Properties });
    const stat = { MetricStat: { Stat: 'Sum' } };
    const Resources = {
      plain: alarm({ MetricName: 'Errors' }),
      formula: alarm({ Metrics: [{ Expression: 'a - b' }, stat, stat] }),
    };
    expect(metricsWatched({ ...template, Resources } as Template, 'cloudmap')).toBe(3);
  });
});

it.each([
  ['README.md', (dollars: string) => `$${dollars} `],
  ['README.zh-CN.md', (dollars: string) => ` ${dollars} 美元`],
] as const)('%s says what docs/cost.md computes', async (page, inWords) => {
  const text = await readFile(resolve(import.meta.dirname, '../../..', page), 'utf8');
  expect(text).toContain(inWords(startsAt(template).slice(1)));
  expect(text).toContain(inWords(PRICES.instance.dollars.toFixed(2)));
  expect(FLEETS[0]?.services).toBe(20);
});

it('a held query costs some ten times a million short requests', () => {
  const { requests, heldQuery } = extras(template);
  expect(heldQuery / requests).toBeGreaterThan(10);
});

it('units that are counted one by one have the article that is spoken before them', () => {
  const text = pricesTable();
  for (const unit of ['an hour of a NAT', 'an instance in', 'a metric', 'a million events'])
    expect(text).toContain(`| ${unit}`);
});

it('Consul alone costs a NAT gateway more in a VPC, for each stack', () => {
  const rows = fleetsTable(template).split('\n');
  const figures = (start: string) =>
    rows
      .find((row) => row.includes(start))
      ?.split('|')
      .slice(2, -1)
      .map((cell) => Number(cell.replace(',', ''))) ?? [];
  const [nat = 0] = [extras(template).nat];
  const more = figures('in a VPC').map(
    (dollars, at) => dollars - (figures('without a VPC')[at] ?? 0),
  );
  expect(more.length).toBe(FLEETS.length);
  for (const [at, { stacks }] of FLEETS.entries())
    expect(Math.abs((more[at] ?? 0) - stacks * nat)).toBeLessThan(1);
});
