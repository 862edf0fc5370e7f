import { behaviour } from './consul.behaviour.ts';
import { consulHarness } from './consul.harness.ts';
import { contract } from './contract.ts';
import { large } from './large.ts';

contract(consulHarness);
behaviour(consulHarness);
large(consulHarness);
