import { afterEach } from 'vitest';
import { cloudMapHarness } from './cloudmap.harness.ts';
import { contract } from './contract.ts';

const harnesses = [
  cloudMapHarness({ type: 'HTTP', dns: 'auto' }),
  cloudMapHarness({ type: 'DNS_PRIVATE', dns: 'both' }),
];
afterEach(() => {
  for (const harness of harnesses) harness.deleteEmptyServices();
});
harnesses.forEach(contract);
