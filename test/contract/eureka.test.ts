import { describe, test } from 'vitest';
import { contract } from './contract.ts';
import { behaviour } from './eureka.behaviour.ts';
import { eureka, realEureka } from './eureka.harness.ts';
import { serverFacts } from './eureka.server-facts.ts';

const url = process.env['ROLLCALL_TEST_EUREKA'];

for (const harness of [eureka, ...(url ? [realEureka(url)] : [])]) {
  contract(harness);
  behaviour(harness);
  serverFacts(harness);
}

if (!url)
  describe('Eureka (real)', () => {
    test.skip('keeps the contract (left out: ROLLCALL_TEST_EUREKA names no server)', () => {});
  });
