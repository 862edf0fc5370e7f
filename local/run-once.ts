import type { Variables } from './environment.ts';
import { startLive } from './live.ts';
import { LEGEND } from './render.ts';
import { tellStory } from './story/story.ts';
import { openTerminal } from './terminal.ts';

/** Looks come after 5 s and more on AWS; nobody wants to wait for that here. */
const SPEED = 10;

/** The story, unattended. Returns the exit code. */
export const runOnce = async (options: {
  readonly real: Variables;
  readonly json: boolean;
}): Promise<number> => {
  const live = await startLive({ real: options.real, speed: SPEED, scheduled: false });
  const terminal = openTerminal({
    json: options.json,
    emittedAt: live.emittedAt,
    ended: live.stack.cloudmap.ended,
  });
  terminal.print(
    `The queue's clock runs ${SPEED} times as fast as the world's: a look after 5 s comes after 0.5 s.`,
  );
  terminal.print(LEGEND);
  try {
    return (await tellStory(live, terminal.print)) ? 0 : 1;
  } finally {
    await live.stop(terminal.print);
    terminal.end();
  }
};
