import { expect, test } from 'vitest';
import { soak, soakText } from '../../../bench/soak/soak.ts';
import { debianConsul } from '../../../scripts/real/consul.ts';
import { withReal } from '../real.ts';

/** `npm run soak` is the same for ten minutes. */
const MINUTES = 1;

await withReal('Consul 1.8.7', debianConsul, (consul) =>
  test('each client that is over the limit of held requests is alive and right after a minute', {
    timeout: 600_000,
  }, async () => {
    const report = await soak(consul, MINUTES);
    console.log(soakText(report));
    expect(report.faults).toEqual([]);
    expect(report.figures.length).toBeGreaterThan(0);
    expect(report.changes).toBeGreaterThan(0);
  }),
);
