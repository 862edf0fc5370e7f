import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { directory } from './directory.ts';
import { faults } from './faults.ts';
import type { Harness, Running } from './harness.ts';
import { names } from './names.ts';
import { clear, type Fact, stageOn } from './stage.ts';
import { writes } from './writes.ts';

const PARTS: Readonly<Record<string, readonly Fact[]>> = { writes, names, faults, directory };
const FACTS = Object.values(PARTS).flat();

/** For the `skip` of a harness over a real server, which cannot be made to fail on demand. */
export const withoutFaults = (reason: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    FACTS.filter(({ needs }) => needs === 'faults').map(({ name }) => [name, reason]),
  );

/**
 * What every registry promises, as tests: one call per harness, in a test file of its own. One
 * server serves all tests of a harness; each works under names of its own and leaves nothing
 * behind.
 */
export const contract = (harness: Harness): void => {
  const { skip = {} } = harness;
  const unknown = Object.keys(skip).filter((name) => FACTS.every((fact) => fact.name !== name));
  if (unknown.length > 0)
    throw new Error(`${harness.title}: skip names no test of the contract: ${unknown.join('; ')}`);

  describe(harness.title, () => {
    let running: Running;
    beforeAll(async () => {
      running = await harness.start();
    });
    afterEach(async () => {
      running.clearFaults?.();
      await clear(running);
    });
    afterAll(() => running?.stop());

    for (const [part, facts] of Object.entries(PARTS))
      describe(part, () => {
        for (const fact of facts) {
          const reason = skip[fact.name];
          if (reason) test.skip(`${fact.name} (left out: ${reason})`, () => {});
          else test(fact.name, () => fact.run(stageOn(running)));
        }
      });
  });
};
