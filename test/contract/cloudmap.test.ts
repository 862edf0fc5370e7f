import { afterEach } from 'vitest';
import { cloudMapHarness } from './cloudmap.harness.ts';
import { contract } from './contract.ts';

const harnesses = [
  cloudMapHarness({ type: 'HTTP', dns: 'auto', operationDelayMs: 20 }),
  cloudMapHarness({ type: 'DNS_PRIVATE', dns: 'both', operationDelayMs: 0 }),
];
afterEach(() => {
  for (const harness of harnesses) harness.deleteEmptyServices();
});
harnesses.forEach(contract);
