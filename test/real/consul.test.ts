import { debianConsul } from '../../scripts/real/consul.ts';
import { consulSuite } from './consul.suite.ts';
import { withReal } from './real.ts';

const what = 'Consul 1.8.7';
await withReal(what, debianConsul, (binary) => consulSuite(what, binary));
