import { debianConsul } from '../../../scripts/real/consul.ts';
import { withReal } from '../real.ts';
import { sameReads } from './consul.suite.ts';

await withReal('consul 1.8.7', debianConsul, sameReads);
