import { acme } from './acme.harness.ts';
import { contract } from './contract.ts';

contract(acme);
