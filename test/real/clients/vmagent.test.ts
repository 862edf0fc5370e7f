import { expect, test } from 'vitest';
import { vmagent } from '../../../bench/soak/clients.ts';
import { goProgram } from '../../../scripts/real/clients/go.ts';
import { debianConsul } from '../../../scripts/real/consul.ts';
import { startConsulPair } from '../../../scripts/real/pair.ts';
import { together, withExtra } from '../real.ts';
import { expectSamePlaces } from './same-sight.ts';

await withExtra(
  'vmagent 1.151.0 and Consul 1.8.7',
  together({ program: () => goProgram('vmagent'), consul: debianConsul }),
  ({ consul }) =>
    test('vmagent, whose filter has a pattern, discovers what it discovers in Consul', {
      timeout: 600_000,
    }, async () => {
      const pair = await startConsulPair(consul);
      await expectSamePlaces(pair, vmagent).finally(pair.stop);
      expect.hasAssertions();
    }),
);
