import { REGISTRY_NAMES } from '../shared/model/registration.ts';
import type { Action } from './actions.ts';
import type { Live } from './live.ts';

export interface Key {
  readonly key: string;
  readonly help: string;
  readonly press: () => Promise<unknown> | unknown;
}

/** The commonest actions on single keys. */
export const createKeys = (live: Live, actions: Readonly<Record<string, Action>>): readonly Key[] => {
  const run = (name: string, input: Readonly<Record<string, unknown>> = {}) => actions[name]?.run(input);
  const down = new Set<string>();
  const toggle = (registry: string) => {
    const is = down.has(registry);
    if (is) down.delete(registry);
    else down.add(registry);
    return run(is ? 'up' : 'down', { registry });
  };
  let healthy = true;
  const newest = () => live.cluster.members().at(-1)?.task.taskArn;
  return [
    { key: '+', help: 'start a stock-price task', press: () => run('start') },
    { key: '-', help: 'stop one', press: () => run('stop') },
    { key: 'k', help: 'kill a portal', press: () => run('kill', { service: 'portal' }) },
    {
      key: 'h',
      help: 'weather sick/well',
      press: () => {
        healthy = !healthy;
        return run('health', { service: 'weather', healthy });
      },
    },
    { key: 'd', help: 'drop the next 5 events', press: () => run('drop') },
    ...REGISTRY_NAMES.map((name, at) => ({
      key: String(at + 1),
      help: `${name} down/up`,
      press: () => toggle(name),
    })),
    { key: 'l', help: 'lose a host', press: () => run('lose-host') },
    { key: 'r', help: 'reconcile', press: () => run('reconcile') },
    { key: 'p', help: 'plan', press: () => run('admin', { command: 'plan' }) },
    {
      key: 'e',
      help: 'explain the newest task',
      press: () => run('admin', { command: 'explain', task: newest() }),
    },
  ];
};

/** Reads keys where there is a terminal, and nothing elsewhere. `q` and Ctrl-C call `quit`. Returns what ends it. */
export const listenToKeys = (
  keys: readonly Key[],
  { print, quit }: { readonly print: (text: string) => void; readonly quit: () => void },
): (() => void) => {
  const { stdin } = process;
  if (!stdin.isTTY) return () => {};
  const onData = async (pressed: string) => {
    if (pressed === 'q' || pressed === '\u0003' || pressed === '\u0004') return quit();
    const found = keys.find(({ key }) => key === pressed);
    if (!found) return print(keysHelp(keys));
    try {
      const said = await found.press();
      print(typeof said === 'string' ? said : JSON.stringify(said));
    } catch (error) {
      print(error instanceof Error ? error.message : String(error));
    }
  };
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.on('data', onData);
  return () => {
    stdin.off('data', onData);
    stdin.setRawMode(false);
    stdin.pause();
  };
};

export const keysHelp = (keys: readonly Key[]): string =>
  [...keys, { key: 'q', help: 'quit' }].map(({ key, help }) => `${key} ${help}`).join('   ');
