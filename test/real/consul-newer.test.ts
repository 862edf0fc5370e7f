import { newerConsul } from '../../scripts/real/consul.ts';
import { consulSuite } from './consul.suite.ts';
import { withExtra } from './real.ts';

const what = 'Consul 1.19.2';
await withExtra(what, newerConsul, (binary) => consulSuite(what, binary));
