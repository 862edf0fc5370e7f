import type { Live } from '../live.ts';
import { plantForeign } from './foreign.ts';
import { createStage, Unexpected } from './stage.ts';
import { STEPS } from './steps.ts';

export type Print = (text: string) => void;

/**
 * Tells the whole story once, and stops at the first step that fails: the later ones build on it.
 * True: all is well.
 */
export const tellStory = async (live: Live, print: Print): Promise<boolean> => {
  const stage = createStage(live);
  const takeOutForeign = await plantForeign(live.stack);
  let told = 0;
  try {
    for (const { title, run } of STEPS) {
      const began = Date.now();
      print(`\n${told + 1}. ${title}`);
      await run(stage);
      print(`ok (${((Date.now() - began) / 1_000).toFixed(1)} s)`);
      told++;
    }
    return true;
  } catch (error) {
    const what = error instanceof Unexpected ? error.message : String(Object(error).stack ?? error);
    print(`FAILED\n${what.replace(/^/gm, '        ')}`);
    return false;
  } finally {
    print(`\n${told} of ${STEPS.length} steps ok`);
    await takeOutForeign();
  }
};
