import { afterAll, beforeAll, describe } from 'vitest';
import { clientFacts } from './end-to-end/clients.ts';
import { findDig } from './end-to-end/dns.ts';
import { eventFacts } from './end-to-end/events.ts';
import { operatorFacts } from './end-to-end/operators.ts';
import { outageFacts } from './end-to-end/outages.ts';
import { obtainParts } from './end-to-end/servers.ts';
import { type Stage, startStage } from './end-to-end/stage.ts';
import { withExtra, withReal } from './real.ts';

/** Several servers and several hundred tasks on whatever machine this is. */
const PATIENCE = 240_000;

let dig: string | undefined;
await withExtra('dig', findDig, (found) => {
  dig = found;
});

/** One after the other: each leaves the account as the next finds it. */
await withReal('what a stack has around it', obtainParts, (parts) =>
  describe('the bundles, under AWS’s runtime and among real servers', { timeout: PATIENCE }, () => {
    let started: Stage | undefined;
    const stage = () => {
      if (!started) throw new Error('nothing has started');
      return started;
    };
    beforeAll(async () => {
      started = await startStage(parts);
    }, PATIENCE);
    afterAll(async () => {
      for (const [name, times] of started?.functions.startTimes ?? [])
        console.log(`${name}: first event awaited after ${times.join(', ')} ms`);
      await started?.stop();
    });

    describe('by events', () => eventFacts(stage));
    describe('for clients', () => clientFacts(stage, dig));
    describe('by schedule', () => outageFacts(stage));
    describe('for operators', () => operatorFacts(stage));
  }),
);
