import { createActions } from './actions.ts';
import { createControl } from './control.ts';
import { createEnding } from './ending.ts';
import type { Variables } from './environment.ts';
import { intro } from './intro.ts';
import { createKeys, keysHelp, listenToKeys } from './keys.ts';
import { listen, nearPort } from './listen.ts';
import { PORTS, startLive } from './live.ts';
import { currentLook, openTerminal } from './terminal.ts';

/**
 * The example until Ctrl-C, SIGTERM, `q`, or until nobody reads any more. Returns the exit code.
 */
export const runLive = async (options: {
  readonly real: Variables;
  readonly json: boolean;
}): Promise<number> => {
  const ending = createEnding();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, ending.interrupt);
  const live = await startLive({ real: options.real, speed: 1, scheduled: true });
  const { print, end: release } = openTerminal(
    { json: options.json, emittedAt: live.emittedAt, ended: live.stack.cloudmap.ended },
    ending.end,
  );
  const actions = createActions(live);
  const control = await nearPort((port) => listen(createControl(actions), { port }), PORTS.control);
  // For the commands that the page gives to copy.
  process.env['LOCAL_CONTROL_URL'] = `${control.url}/control`;
  const keys = createKeys(live, actions);
  print(intro(live, { controlUrl: control.url, actions, columns: currentLook().columns }));
  if (process.stdin.isTTY) print(`Keys: ${keysHelp(keys)}\n`);
  const deaf = listenToKeys(keys, { print, quit: ending.interrupt });

  await ending.asked;
  deaf();
  await control.stop();
  await live.stop(print);
  release();
  return 0;
};
