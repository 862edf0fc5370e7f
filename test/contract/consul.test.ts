import { test } from 'vitest';
import { consulHarness, realConsulHarness } from './consul.harness.ts';
import { contract } from './contract.ts';

contract(consulHarness);

const url = process.env['ROLLCALL_TEST_CONSUL'];
if (url) contract(realConsulHarness(url));
else test.skip('Consul, real (left out: ROLLCALL_TEST_CONSUL gives no address of one)', () => {});
