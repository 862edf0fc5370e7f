import { inspect } from 'node:util';
import { REGISTRY_NAMES } from '../shared/model/registration.ts';
import type { Action } from './actions.ts';
import type { Live } from './live.ts';
import { wrap } from './render.ts';

export interface Key {
  readonly key: string;
  readonly help: string;
  readonly press: () => Promise<unknown> | unknown;
}

const STOCK_PRICE = { service: 'stock-price' };

/** The commonest actions on single keys. */
export const createKeys = (
  live: Live,
  actions: Readonly<Record<string, Action>>,
): readonly Key[] => {
  const run = (name: string, input: Readonly<Record<string, unknown>> = {}) =>
    actions[name]?.run(input);
  const down = new Set<string>();
  const toggle = (registry: string) => {
    const is = down.has(registry);
    if (is) down.delete(registry);
    else down.add(registry);
    return run(is ? 'up' : 'down', { registry });
  };
  let healthy = true;
  const newest = () => live.cluster.members().at(-1)?.task.taskArn;
  let observing = false;
  return [
    { key: '+', help: 'start a stock-price task', press: () => run('start', STOCK_PRICE) },
    { key: '-', help: 'stop one', press: () => run('stop', STOCK_PRICE) },
    { key: 'k', help: 'kill a portal', press: () => run('kill', { service: 'portal' }) },
    {
      key: 'c',
      help: 'a container dies in a living task',
      press: () => run('kill-container', { ...STOCK_PRICE, container: 'metrics' }),
    },
    {
      key: 'h',
      help: 'weather sick/well',
      press: () => {
        healthy = !healthy;
        return run('health', { service: 'weather', healthy });
      },
    },
    { key: 'd', help: 'drop the next 5 events', press: () => run('drop', { count: 5 }) },
    ...REGISTRY_NAMES.map((name, at) => ({
      key: String(at + 1),
      help: `${name} down/up`,
      press: () => toggle(name),
    })),
    { key: 'l', help: 'lose a host', press: () => run('lose-host') },
    { key: 'r', help: 'reconcile', press: () => run('reconcile') },
    { key: 'p', help: 'plan', press: () => run('inspect', { command: 'plan' }) },
    {
      key: 'e',
      help: 'explain the newest task',
      press: () => run('inspect', { command: 'explain', task: newest() }),
    },
    { key: 'f', help: 'ECS forgets stock-price', press: () => run('forget', STOCK_PRICE) },
    { key: 'w', help: 'release what is withheld', press: () => run('release') },
    {
      key: 'o',
      help: 'observe only/sync',
      press: () => {
        observing = !observing;
        return run('policy', { policy: observing ? 'observe' : 'sync' });
      },
    },
    { key: 'x', help: 'purge', press: () => run('operate', { command: 'purge' }) },
  ];
};

/** Reads keys where there is a terminal, and nothing elsewhere. Returns what ends it. */
export const listenToKeys = (keys: readonly Key[], { print, quit }: KeyListener): (() => void) => {
  const { stdin } = process;
  if (!stdin.isTTY) return () => {};
  const press = createKeyboard(keys, { print, quit });
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.on('data', press);
  return () => {
    stdin.off('data', press);
    stdin.setRawMode(false);
    stdin.pause();
  };
};

export interface KeyListener {
  readonly print: (text: string) => void;
  /** For `q`, Ctrl-C and Ctrl-D. */
  readonly quit: () => void;
}

const QUIT: ReadonlySet<string> = new Set(['q', '\u0003', '\u0004']);
// biome-ignore lint/suspicious/noControlCharactersInRegex: what arrows and function keys send
const ESCAPES = /\u001b(\[[\d;]*[A-Za-z~]|O.)?/g;

/**
 * What one read brings: several keys, where somebody types fast. None waits for the work of the one
 * before.
 */
export const createKeyboard = (keys: readonly Key[], { print, quit }: KeyListener) => {
  const press = async ({ press }: Key) => {
    try {
      const said = await press();
      print(
        typeof said === 'string' ? said : inspect(said, { depth: null, breakLength: columns() }),
      );
    } catch (error) {
      print(error instanceof Error ? error.message : String(error));
    }
  };
  return (read: string): void => {
    const pressed = [...read.replace(ESCAPES, '')];
    if (pressed.some((one) => QUIT.has(one))) {
      quit();
      return;
    }
    const found = pressed.map((one) => keys.find(({ key }) => key === one));
    if (found.length === 0 || found.includes(undefined)) print(keysHelp(keys));
    for (const key of found) if (key) void press(key);
  };
};

/** Of the terminal; all in one line where there is none. */
const columns = () => process.stdout.columns || Number.POSITIVE_INFINITY;

/** In so many columns. */
export const keysHelp = (keys: readonly Key[], width = columns()): string =>
  wrap(
    [...keys, { key: 'q', help: 'quit' }].map(({ key, help }) => `${key} ${help} `),
    width,
  );
