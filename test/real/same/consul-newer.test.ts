import { newerConsul } from '../../../scripts/real/consul.ts';
import { withExtra } from '../real.ts';
import { sameReads } from './consul.suite.ts';

await withExtra('consul 1.19.2', newerConsul, sameReads);
