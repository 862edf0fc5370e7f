import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { reasonOf } from '../support/outcomes.ts';
import type { Harness, Running } from './harness.ts';
import { expectHeld, quiet, stageOn, upserts } from './stage.ts';

const MB = 2 ** 20;

/**
 * What a registry promises of answers that are larger than a function can hold; for simulators that
 * speak HTTP.
 */
export const large = (harness: Harness): void => {
  describe(`${harness.title}: an answer that is too large`, () => {
    let running: Running;
    beforeAll(async () => {
      running = await harness.start();
    });
    afterEach(() => {
      running.clearFaults?.();
      vi.unstubAllEnvs();
    });
    afterAll(() => running?.stop());

    /** Blanks, which JSON allows: only its size is wrong. */
    const answer = (bytes: number, writes: boolean) =>
      running.inject?.({
        times: Number.POSITIVE_INFINITY,
        status: 200,
        body: ' '.repeat(bytes),
        match: (method) => (method !== 'GET') === writes,
      });

    test('of everything rejects, and names registry, request, bound and remedy', async () => {
      vi.stubEnv('AWS_LAMBDA_FUNCTION_MEMORY_SIZE', '128');
      const stage = stageOn(running);
      const records = await stage.put(stage.instance());
      answer(8 * MB + 1, false);
      const { registry, directory } = running;
      const message =
        /^(consul|eureka): .*GET \/.* is larger than 8 MB, all that 128 MB .*more memory helps$/;
      await expect(registry.list(quiet())).rejects.toThrow(message);
      await expect(directory.everything(quiet())).rejects.toThrow(message);
      running.clearFaults?.();
      await expectHeld(running, records);
    });

    test('of one write is to be tried again, and names registry, request and bound', async () => {
      const stage = stageOn(running);
      const changes = upserts(stage.fit(stage.instance()));
      answer(4 * MB + 1, true);
      for (const outcome of await stage.apply(changes)) {
        expect(outcome.status).toBe('retry');
        expect(reasonOf(outcome)).toMatch(
          /^(consul|eureka): .*(PUT|POST) \/.* is larger than 4 MB$/,
        );
      }
      running.clearFaults?.();
      expect(await stage.apply(changes)).toMatchObject([{ status: 'done' }]);
    });
  });
};
