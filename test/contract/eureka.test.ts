import { contract } from './contract.ts';
import { behaviour } from './eureka.behaviour.ts';
import { eureka } from './eureka.harness.ts';
import { serverFacts } from './eureka.server-facts.ts';
import { large } from './large.ts';

contract(eureka);
behaviour(eureka);
serverFacts(eureka);
large(eureka);
