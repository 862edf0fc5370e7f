import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byRegistrator, byRollcall, type Given, published } from './stage.ts';

const PORTS = [80, 443, 8080];
/**
 * Neither ours nor AWS's, and none of Eureka's: those are told apart in the tests of what differs.
 */
const KEYS = [
  'NAME',
  'TAGS',
  'IGNORE',
  'TEAM',
  'Team',
  'a.b',
  'CHECK_HTTP',
  'CHECK_INTERVAL',
  'IP',
  'META_X',
  '',
];

const text = fc.oneof(
  fc.constantFrom('', 'web', 'Web.Ü', ' a, b ', ',a,,b\\,c,', '\\', 'false', 'x=y=z'),
  fc.string({ maxLength: 6 }).filter((one) => !/[{}]/.test(one)),
);
const word = fc.oneof(
  fc.constantFrom(...KEYS.filter((key) => key !== '')).map((key) => `SERVICE_${key}`),
  fc
    .tuple(fc.constantFrom('80', '443', '8080', '080', '81'), fc.constantFrom(...KEYS))
    .map(([port, key]) => (key === '' ? `SERVICE_${port}` : `SERVICE_${port}_${key}`)),
  fc.constantFrom('service_name', 'SERVICENAME', 'PATH', 'SERVICE_80_80_NAME', 'SERVICE__'),
);
/** One spelling of each key: which of two wins is chance in Registrator. */
const words = fc
  .dictionary(word, text, { maxKeys: 6 })
  .map((said) =>
    Object.fromEntries(
      new Map(Object.entries(said).map((one) => [one[0].toUpperCase(), one])).values(),
    ),
  );
const ports = fc
  .uniqueArray(
    fc.tuple(fc.constantFrom(...PORTS), fc.constantFrom('tcp' as const, 'udp' as const)),
    {
      minLength: 1,
      maxLength: 4,
      selector: String,
    },
  )
  .map((pairs) => pairs.map(([port, protocol]) => published(port, protocol)));
const image = fc.constantFrom(
  'api',
  'team/api:v1',
  'reg.example:5000/a/api',
  'a/b/api:v1@sha256:0abc',
);

const given: fc.Arbitrary<Given> = fc.record({ image, labels: words, env: words, ports });

test('whatever labels and environment say, names, places, tags and attributes are Registrator’s', () => {
  fc.assert(
    fc.property(given, (one) => {
      expect(byRollcall(one)).toEqual(byRegistrator(one));
    }),
    { numRuns: 1_000 },
  );
});
