import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EurekaFacts, Instance } from '../../../shared/model/registration.ts';
import { readEurekaFacts, withEurekaFacts } from '../../../shared/registries/eureka-metadata.ts';
import { instanceFor } from '../../contract/instance.ts';

const instance = (over: Partial<Instance>) => ({
  ...instanceFor({ owner: 'o', cluster: 'arn:aws:ecs:eu-west-1:111122223333:cluster/c' }),
  metadata: {},
  ...over,
});

const text = fc.string({ minLength: 1, maxLength: 12 });
const anyPort = fc.integer({ min: 1, max: 65_535 });
const facts: fc.Arbitrary<EurekaFacts> = fc.record(
  {
    vip: text,
    secureVip: text,
    homePageUrl: text,
    statusPageUrl: text,
    healthCheckUrl: text,
    secureHealthCheckUrl: text,
    hostName: text,
    ipAddr: text,
    status: fc.constantFrom('UP', 'DOWN', 'STARTING', 'OUT_OF_SERVICE'),
    securePort: anyPort,
  },
  { requiredKeys: [] },
);

test('what a task says to Eureka’s clients comes back from the metadata', () => {
  fc.assert(
    fc.property(facts, anyPort, (eureka, port) => {
      expect(readEurekaFacts(withEurekaFacts(instance({ eureka, port })), port)).toEqual(eureka);
    }),
  );
});

test('a secure port that stands alone comes back, and is https to everybody', () => {
  fc.assert(
    fc.property(anyPort, (port) => {
      const eureka = { securePort: port, portEnabled: false };
      const metadata = withEurekaFacts(instance({ eureka, port }));
      expect(metadata['secure']).toBe('true');
      expect(readEurekaFacts(metadata, port)).toEqual(eureka);
    }),
  );
});

test('says nothing where the task says nothing', () => {
  const metadata = { team: 'shop' };
  expect(withEurekaFacts(instance({ metadata }))).toEqual(metadata);
});

test('lets the task’s own metadata win', () => {
  const metadata = { secure: 'false', eureka_vip: 'mine' };
  const eureka = { vip: 'theirs', securePort: 8443, portEnabled: false };
  expect(withEurekaFacts(instance({ metadata, eureka }))).toEqual(metadata);
});

test('takes UNKNOWN for out of service', () => {
  expect(withEurekaFacts(instance({ metadata: {}, eureka: { status: 'UNKNOWN' } }))).toEqual({
    eureka_status: 'OUT_OF_SERVICE',
  });
});
