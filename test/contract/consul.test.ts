import { behaviour } from './consul.behaviour.ts';
import { consulHarness } from './consul.harness.ts';
import { contract } from './contract.ts';

contract(consulHarness);
behaviour(consulHarness);
