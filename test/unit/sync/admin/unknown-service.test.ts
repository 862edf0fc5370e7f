import { describe, expect, it } from 'vitest';
import { derive } from '../../../../shared/derive/derive.ts';
import type { ContainerDefinition, Definition } from '../../../../shared/model/task.ts';
import {
  type KnownServices,
  sayUnknownService,
} from '../../../../shared/sync/admin/unknown-service.ts';
import { container, definition, OWNER, port, rules, task } from '../../derive/builders.ts';

const derived = (
  service: string,
  containers: readonly ContainerDefinition[],
  more: Partial<Definition> = {},
) => {
  const input = {
    task: task({ group: `service:${service}` }),
    definition: definition({ containers, ...more }),
  };
  return { ...input, ...derive(input, rules()) };
};

const say = (name: string, known: Partial<KnownServices> = {}) =>
  sayUnknownService(name, {
    owner: OWNER,
    services: new Set(),
    derivations: [],
    registered: [],
    ...known,
  });

const NEWS = derived('news-us', [
  container({
    name: 'news',
    ports: [port(), port(9000)],
    labels: { SERVICE_9000_IGNORE: 'true' },
  }),
]);
const STOCK = derived('stock-price', [
  container({ name: 'app', ports: [port(), port(9090, { name: 'metrics' })] }),
  container({ name: 'side', ports: [port(7000, { lastContainerPort: 7009 })] }),
]);
const WEB = derived('web', [container()], { networkMode: 'bridge' });
const all: Partial<KnownServices> = {
  services: new Set(['news-us', 'stock-price', 'web', 'idle']),
  derivations: [NEWS, STOCK, WEB],
  registered: ['weather'],
};

describe('a name that no service bears', () => {
  it.each([
    [
      'news-us-9000',
      /^news-us has port 9000: left out \(ignored\): container news, port 9000\/tcp: /,
    ],
    ['stock-price-9090', /^stock-price's port 9090 is registered as stock-price-metrics$/],
    ['STOCK-PRICE-9090', /^stock-price's port 9090 is registered as stock-price-metrics$/],
    ['stock-price-app-9090', /^stock-price's port 9090 is registered as stock-price-metrics$/],
    ['stock-price-side-7005', /^stock-price's port 7000 is registered as stock-price-side-7000$/],
    ['stock-price-side-9090', /^container side of stock-price maps no port 9090: add a port/],
    ['news-us-9100', /^news-us maps no port 9100: .* or the label SERVICE_9100_NAME$/],
    ['web-9100', /^web maps no port 9100: add a port mapping$/],
    ['idle-80', /^the ECS service idle runs no task, so nothing tells its ports$/],
  ])('%s is told of its port', (name, line) => {
    const [first, second, ...more] = say(name, all);
    expect(first).toMatch(line);
    const [base] = /^(news-us|stock-price|web|idle)/i.exec(name) ?? [];
    expect(second).toBe(`all of ${base?.toLowerCase()}: rollcall explain ${base?.toLowerCase()}`);
    expect(more).toEqual([]);
  });

  it('is taken apart at the longest service that fits', () => {
    const shop = derived('stock', [container({ name: 'price', ports: [port(9090)] })]);
    const [first] = say('stock-price-9090', { ...all, derivations: [shop, STOCK] });
    expect(first).toBe("stock-price's port 9090 is registered as stock-price-metrics");
  });

  it('is told once, however many tasks would say it', () => {
    expect(say('web-9100', { derivations: [WEB, WEB] })).toHaveLength(2);
  });

  it.each([
    ['wether', ['the nearest names: weather']],
    ['stock-price-metric', ['the nearest names: stock-price-metrics']],
    ['web-shop-9100', []],
    ['', []],
    [`${'web-'.repeat(20_000)}9100`, []],
  ])('%s that is of no port is told the nearest names, if any is near', (name, lines) => {
    expect(say(name, all)).toEqual(lines);
  });
});
