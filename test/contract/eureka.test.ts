import { describe, test } from 'vitest';
import { contract } from './contract.ts';
import { eureka, realEureka } from './eureka.harness.ts';

contract(eureka);

const url = process.env['ROLLCALL_TEST_EUREKA'];
if (url) contract(realEureka(url));
else
  describe('Eureka (real)', () => {
    test.skip('keeps the contract (left out: ROLLCALL_TEST_EUREKA names no server)', () => {});
  });
