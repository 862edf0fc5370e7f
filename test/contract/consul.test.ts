import { consulHarness } from './consul.harness.ts';
import { contract } from './contract.ts';

contract(consulHarness);
