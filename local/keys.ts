import { REGISTRY_NAMES } from '../shared/model/registration.ts';
import type { Summary } from '../shared/model/summary.ts';
import { wrap } from './render.ts';
import { summaryText } from './tables.ts';

export interface Key {
  readonly key: string;
  readonly help: string;
  /** Printed at once, before what it does shows; default: the help. */
  readonly says?: string;
  readonly press: () => Promise<unknown> | unknown;
}

/** What the keys need of the running example. */
export interface Controls {
  /** One of the actions, by its name. */
  readonly run: (
    action: string,
    input?: Readonly<Record<string, unknown>>,
  ) => Promise<unknown> | unknown;
  readonly reconcile: () => Promise<Summary>;
  /** As the functions have it now, whoever set it. */
  readonly policy: () => string;
  /** The ARN of the task that was started last. */
  readonly newestTask: () => string | undefined;
  /** What the next reconcile would do, for the terminal as it is. */
  readonly plan: () => Promise<string>;
  /** Addresses, and commands to try. */
  readonly more: () => string;
}

const STOCK_PRICE = { service: 'stock-price' };
const PURGE_NEEDS =
  'Not done: under the policy sync the next round would register all of it again. Press o first.';
const REGISTRIES = { cloudmap: 'Cloud Map', consul: 'Consul', eureka: 'Eureka' } as const;

/** The commonest actions on single keys. */
export const createKeys = ({
  run,
  reconcile,
  policy,
  newestTask,
  plan,
  more,
}: Controls): readonly Key[] => {
  const down = new Set<string>();
  const toggle = (registry: string) => {
    const is = down.has(registry);
    if (is) down.delete(registry);
    else down.add(registry);
    return run(is ? 'up' : 'down', { registry });
  };
  let healthy = true;
  let losing = false;
  return [
    { key: '?', help: 'addresses, commands', press: more },
    { key: '+', help: 'start a stock-price', press: () => run('start', STOCK_PRICE) },
    { key: '-', help: 'stop one', press: () => run('stop', STOCK_PRICE) },
    {
      key: 'u',
      help: 'update weather',
      says: 'a new revision of weather is rolled out, and called through the resolver meanwhile …',
      press: () => run('deploy', { service: 'weather' }),
    },
    { key: 'k', help: 'kill a portal', press: () => run('kill', { service: 'portal' }) },
    {
      key: 'c',
      help: 'a container dies, its task lives',
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
    {
      key: 'd',
      help: 'events are lost/arrive',
      press: () => {
        losing = !losing;
        return run('drop', losing ? {} : { count: 0 });
      },
    },
    { key: 'l', help: 'lose a host', press: () => run('lose-host') },
    ...REGISTRY_NAMES.map((name, at) => ({
      key: String(at + 1),
      help: `${REGISTRIES[name]} down/up`,
      press: () => toggle(name),
    })),
    { key: 'r', help: 'reconcile', press: async () => summaryText(await reconcile()) },
    {
      key: 'p',
      help: 'plan',
      says: 'the plan: what the next reconcile would do',
      press: plan,
    },
    {
      key: 'e',
      help: 'explain a task',
      says: 'the newest task explained: what is registered of it, what is left out, and why',
      press: () => run('inspect', { command: 'explain', task: newestTask() }),
    },
    {
      key: 'f',
      help: 'ECS forgets stock-price',
      says: 'ECS forgets stock-price. First its tasks look older (~), as only such count as missing',
      press: () => run('forget', STOCK_PRICE),
    },
    { key: 'w', help: 'release what is withheld', press: () => run('release') },
    {
      key: 'o',
      help: 'observe/sync',
      says: 'the other policy: under observe nothing is written',
      press: () => run('policy', { policy: policy() === 'observe' ? 'sync' : 'observe' }),
    },
    {
      key: 'x',
      help: 'purge (after o)',
      says: 'purge: every record of ours is taken out',
      press: () => (policy() === 'observe' ? run('operate', { command: 'purge' }) : PURGE_NEEDS),
    },
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
  const press = async ({ key, help, says = help, press }: Key) => {
    print(`\n[${key}] ${says}`);
    try {
      print(String(await press()));
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
    [...keys, { key: 'q', help: 'quit, any other: this list' }].map(
      ({ key, help }) => `${key} ${help} `,
    ),
    width,
  );
