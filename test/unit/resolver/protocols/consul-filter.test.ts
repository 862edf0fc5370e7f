import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CATALOG,
  filteredBy,
  HEALTH,
} from '../../../../shared/resolver/protocols/consul/entries.ts';
import { compileFilter } from '../../../../shared/resolver/protocols/consul/filter/parse.ts';
import { SAMPLE } from '../../../../shared/resolver/protocols/descriptions.ts';
import { target } from '../support.ts';

const { entry: toEntry, sample: toSample } = filteredBy(HEALTH);
const ENTRY = toEntry(
  target({
    tags: ['v1', 'blue'],
    metadata: { version: '1', 'a.b': 'dots', empty: '' },
    healthy: false,
  }),
);
const fits = async (filter: string) => (await compileFilter(filter, toSample(SAMPLE)))(ENTRY);

describe('a filter expression', () => {
  it.each([
    ['Service.Service == web', true],
    ['Service.Service == "web"', true],
    ['Service.Service == `web`', true],
    ['Service.Service=="other"', false],
    ['Service.Service != "other"', true],
    ['Service.Port == 8080', true],
    ['Node.Address == 10.0.0.1', true],
    ['Service.Meta.version == "1"', true],
    ['Service.Meta.version == 2', false],
    ['Service.Meta.none == "1"', false],
    ['Service.Meta.none != "1"', true],
    ['Service.Meta["a.b"] == dots', true],
    ['Service.Meta["a.b"] == "do\\"ts"', false],
    ['Service.Meta["a\\u002eb"] == "\\u0064ots"', true],
    ['Service.Port != 80', true],
    ['Service.EnableTagOverride == F', true],
    ['Service.EnableTagOverride == 1', false],
    ['Checks is not empty', true],
    ['Checks is empty', false],
    ['blue in Service.Tags', true],
    ['"blue" in Service.Tags', true],
    ['lu in Service.Tags', false],
    ['red not in Service.Tags', true],
    ['Service.Tags contains blue', true],
    ['Service.Tags not contains blue', false],
    ['version in Service.Meta', true],
    ['Service.Meta contains none', false],
    ['Service.Service contains "e"', true],
    ['eb in Service.Service', true],
    ['Service.Tags is empty', false],
    ['Service.Tags is not empty', true],
    ['Service.Meta is not empty', true],
    ['Checks.Status == critical', true],
    ['Checks.Status == passing', false],
    ['Checks.Status != "critical"', false],
    ['not Checks.Status == passing', true],
    ['not not blue in Service.Tags', true],
    ['blue in Service.Tags and v2 in Service.Tags', false],
    ['blue in Service.Tags or v2 in Service.Tags', true],
    ['v2 in Service.Tags and v1 in Service.Tags or blue in Service.Tags', true],
    ['v2 in Service.Tags and (v1 in Service.Tags or blue in Service.Tags)', false],
    ['not v2 in Service.Tags and v1 in Service.Tags', true],
    ['not (v1 in Service.Tags or v2 in Service.Tags)', false],
    ['  ( ( Service.Port == 8080 ) )  ', true],
    ['Service.Meta.toString == x', false],
    ['Service.Service matches "^w.b$"', true],
    ['Service.Service matches eb', true],
    ['Service.Service not matches "(?i)^WEB"', false],
    ['Service.Address matches `^10\\.`', true],
    ['Service.Meta.version matches "[2-9]"', false],
    ['Service.Meta.none matches ".*"', false],
    ['Service.Meta.none not matches ".*"', true],
    ['Checks.Name matches "^Roll" and Service.Port == 8080', true],
    ['Service.Kind == ""', true],
    ['Service.Kind == "connect-proxy"', false],
    ['Service.Proxy.DestinationServiceName == ""', true],
    ['Service.Proxy.Upstreams is empty', true],
    ['Service.Proxy.Upstreams.DestinationName == db', false],
    ['Service.Connect.Native == false', true],
    ['Service.TaggedAddresses is empty', true],
    ['lan in Service.TaggedAddresses', false],
    ['Service.TaggedAddresses.lan.Address == 10.0.0.1', false],
    ['Service.TaggedAddresses.lan.Port != 80', true],
    ['Node.TaggedAddresses.lan == 10.0.0.1', true],
  ])('%s is %s', async (filter, expected) => {
    expect(await fits(filter)).toBe(expected);
  });

  it('has the selectors of what it narrows', async () => {
    const { entry, sample } = filteredBy(CATALOG);
    const shown = entry(target({ tags: ['v1'], metadata: { version: '1' } }));
    const filter =
      'v1 in ServiceTags and ServiceMeta.version == 1 and ServiceKind == "" and ServiceProxy.LocalServicePort == 0';
    expect((await compileFilter(filter, sample(SAMPLE)))(shown)).toBe(true);
    await expect(compileFilter('Service.Port == 1', sample(SAMPLE))).rejects.toThrow(
      'Selector "Service.Port" is not valid',
    );
  });

  it('takes no pattern that could keep the process busy, and none that Go would not take', async () => {
    for (const pattern of ['(a{100}){100}', '[a', '(?=a)', '\\pL{500}\\pL{500}'])
      await expect(fits(`Service.Service matches \`${pattern}\``)).rejects.toThrow(
        'filter: expected a pattern of',
      );
    const slow = `Service.Service matches "^(a+)+$"`;
    const entry = toEntry(target({ service: `${'a'.repeat(10_000)}b` }));
    expect((await compileFilter(slow, toSample(SAMPLE)))(entry)).toBe(false);
  });

  it.each([
    ['Foo == 1', 'filter: Selector "Foo" is not valid'],
    ['"Service.Port" == 1', 'filter: Selector "Service.Port" is not valid'],
    ['Service.Meta.a.b == 1', 'filter: Selector "Service.Meta.a.b" is not valid'],
    ['Service.constructor == 1', 'filter: Selector "Service.constructor" is not valid'],
    ['Service == 1', 'filter: Service cannot be compared by anything; its fields can'],
    ['Service.Port == eighty', 'filter: Service.Port: expected a whole number, got "eighty"'],
    ['Service.Port == 8080.0', 'filter: Service.Port: expected a whole number, got "8080.0"'],
    ['80 in Service.Port', 'filter: Service.Port cannot be compared by in or contains'],
    ['Service.Port is empty', 'filter: Service.Port cannot be compared by is empty'],
    ['Service.Meta.none is empty', 'filter: Service.Meta.none cannot be compared by is empty'],
    ['Service.Kind is not empty', 'filter: Service.Kind cannot be compared by is empty'],
    [
      'Service.EnableTagOverride == no',
      'filter: Service.EnableTagOverride: expected true or false, got "no"',
    ],
    ['Checks == 1', 'filter: Checks cannot be compared by == or !='],
    ['Service.ID == "\\x61"', 'filter: expected a text with valid escapes, got "\\"\\\\x61\\""'],
    ['Service.Tags == 1', 'filter: Service.Tags cannot be compared by == or !='],
    ['Service.Meta != 1', 'filter: Service.Meta cannot be compared by == or !='],
    ['', 'filter: expected a selector or a value, got the end'],
    [
      'Service.Port',
      'filter: expected one of ==, !=, in, contains, matches, is empty, got the end',
    ],
    ['Service.Port == ', 'filter: expected a selector or a value, got the end'],
    ['Service.Port is full', 'filter: expected "empty", got "full"'],
    ['(Service.Port == 1', 'filter: expected ")", got the end'],
    ['Service.Port == 1 )', 'filter: expected "and", "or" or the end, got ")"'],
    [
      'Service.Port == 1 Service.Port == 2',
      'filter: expected "and", "or" or the end, got "Service.Port"',
    ],
    ['Service.Port matches "8"', 'filter: Service.Port cannot be compared by matches'],
    ['Service.Tags matches "8"', 'filter: Service.Tags cannot be compared by matches'],
    ['Service.ModifyIndex == 1', 'filter: Selector "Service.ModifyIndex" is not valid'],
    ['Node.CreateIndex == 1', 'filter: Selector "Node.CreateIndex" is not valid'],
    [
      'Service.TaggedAddresses.lan == x',
      'filter: Service.TaggedAddresses.lan cannot be compared by anything; its fields can',
    ],
    ['Service.Service == "open', 'filter: expected an expression, got "\\"open"'],
    ['Service.Port = 1', 'filter: expected an expression, got "= 1"'],
    [`${'('.repeat(21)}Service.Port == 1${')'.repeat(21)}`, 'filter: expected at most 20 levels'],
    ['x'.repeat(2_001), 'filter: expected at most 2000 characters, got 2001'],
  ])('is refused: %s', async (filter, message) => {
    await expect(fits(filter)).rejects.toThrow(message);
  });

  it('is understood or refused, whatever it is', async () => {
    const piece = fc.constantFrom(
      'Service.Tags',
      'Service.Port',
      'not',
      'and',
      'or',
      'in',
      '(',
      ')',
      '==',
      '"a"',
      'is',
      'empty',
      'contains',
      'matches',
      '[',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join(' ')),
        ),
        async (filter) => {
          try {
            expect(typeof (await fits(filter))).toBe('boolean');
          } catch (error) {
            expect(error).toMatchObject({ status: 400 });
          }
        },
      ),
    );
  });
});
