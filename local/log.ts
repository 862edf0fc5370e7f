/** What a handler or the local run says: the JSON of a log line, or other text as it came. */
export type Line = { readonly json: Readonly<Record<string, unknown>> } | { readonly text: string };

/**
 * Takes the handlers' lines, which go to `console.log` as in Lambda, away from the terminal. Lines of embedded metrics
 * are left out. Returns what ends it.
 */
export const captureLog = (sink: (line: Line) => void): (() => void) => {
  const before = console.log;
  console.log = (...args: unknown[]) => {
    const text = args.map(String).join(' ');
    const json = parseObject(text);
    if (!json) sink({ text });
    else if (!('_aws' in json)) sink({ json });
  };
  return () => {
    console.log = before;
  };
};

const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
