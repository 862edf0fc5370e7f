import type { PlanAnswer } from '../shared/plan/answer.ts';
import { createActions } from './actions.ts';
import { createControl } from './control.ts';
import { createEnding } from './ending.ts';
import type { Variables } from './environment.ts';
import { addressesOf, intro, more } from './intro.ts';
import { createKeys, listenToKeys } from './keys.ts';
import { listen, nearPort } from './listen.ts';
import { type Live, startLive } from './live.ts';
import { PORTS } from './ports.ts';
import { planText } from './tables.ts';
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
  const addresses = addressesOf(live, control.url);
  const keys = createKeys({
    ...controlsOf(live, actions),
    more: () => more(addresses),
  });
  const { columns } = currentLook();
  print(intro(addresses, { keys: process.stdin.isTTY ? keys : [], columns }));
  if (!live.ownAddresses) print(NO_ADDRESSES);
  const deaf = listenToKeys(keys, { print, quit: ending.interrupt });

  await ending.asked;
  deaf();
  print('\nStopping the example …');
  await control.stop();
  await live.stop(print);
  print('Goodbye: everything has ended, and nothing is left on this machine.');
  release();
  return 0;
};

const NO_ADDRESSES =
  'This machine has no addresses 127.0.1.x, so the weather runs in bridge mode, not in awsvpc.\n';

/** What keys do to the running example. */
export const controlsOf = (live: Live, actions: ReturnType<typeof createActions>) => ({
  run: (name: string, input: Readonly<Record<string, unknown>> = {}) => actions[name]?.run(input),
  reconcile: live.stack.reconcile.invoke,
  plan: async () => {
    const { json } = await live.stack.inspect({ command: 'plan' });
    return planText(json as readonly PlanAnswer[], currentLook().columns);
  },
  policy: () => process.env['ROLLCALL_POLICY'] ?? 'sync',
  newestTask: () => live.cluster.members().at(-1)?.task.taskArn,
});
