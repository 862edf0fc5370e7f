import { main } from '../../command/main.ts';

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** Of an answer with --json. */
  readonly json: () => unknown;
}

export interface Surroundings {
  readonly columns?: number;
  readonly calledBy?: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  readonly browse?: (url: string) => Promise<boolean>;
}

/** The command `rollcall`, in this process. */
export const rollcall = async (
  args: readonly string[],
  {
    columns,
    calledBy = 'rollcall',
    stdin = '',
    env = {},
    signal = new AbortController().signal,
    now = Date.now,
    sleep = async () => {},
    browse = async () => false,
  }: Surroundings = {},
): Promise<Ran> => {
  const [out, err]: string[][] = [[], []];
  const exit = await main(args, {
    out: (line) => void out?.push(line),
    err: (line) => void err?.push(line),
    columns,
    calledBy,
    stdin: async () => stdin,
    env,
    now,
    sleep,
    signal,
    browse,
  });
  const text = (out ?? []).join('\n');
  return { exit, out: text, err: (err ?? []).join('\n'), json: () => JSON.parse(text) };
};
