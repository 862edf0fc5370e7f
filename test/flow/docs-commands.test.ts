import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createActions } from '../../local/actions.ts';
import { createControl } from '../../local/control.ts';
import { listen } from '../../local/listen.ts';
import { startLive } from '../../local/live.ts';
import { captureLog } from '../../local/log.ts';
import { rollcall } from '../support/rollcall.ts';
import { type Fence, fencesOf } from '../unit/docs/fences.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');
const read = (page: string) => readFile(resolve(DOCS, page), 'utf8');

/** What a reader has in another terminal: `npm start`. */
const example = async () => {
  onTestFinished(captureLog(() => {}));
  const live = await startLive({ real: {}, speed: 10, scheduled: false });
  onTestFinished(() => live.stop(() => {}));
  const control = await listen(createControl(createActions(live)));
  onTestFinished(control.stop);
  const { stack, resolver } = live;
  /** Where the pages say that it is, and where it is. */
  const places = new Map([
    ['http://127.0.0.1:18080', resolver.url],
    ['http://127.0.0.1:18081', control.url],
    ['http://127.0.0.1:18500', stack.consul?.url ?? ''],
    ['http://127.0.0.1:18761/eureka', stack.eureka?.url ?? ''],
  ]);
  const placed = (text: string) =>
    [...places].reduce((now, [said, is]) => now.replaceAll(said, is), text);
  const run = async (command: string): Promise<string> => {
    const [program, ...args] = wordsOf(placed(command));
    if (program === 'curl') return curl(args);
    if (program !== 'npx') throw new Error(`nobody runs ${program} here`);
    const words = args.slice(args.indexOf('rollcall') + 1);
    // What files say needs nobody's answer.
    const whom = words[0] === 'preview' ? [] : ['--local', '--endpoint-url', stack.aws.url];
    const { exit, out, err } = await rollcall([...words, ...whom]);
    expect([command, exit <= 1, err]).toEqual([command, true, '']);
    return out;
  };
  await expect
    .poll(async () => (await run('npx --no-install rollcall services')).split('\n'))
    .toEqual(expect.arrayContaining([expect.stringMatching(/^weather +2 +2$/)]));
  return { run };
};

/** Words as a shell takes them apart: between spaces, or in single or double quotes. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );

/** As curl: `-X`, `-H`, `-d`, and `-L`, as it follows every redirect. */
const curl = async (args: readonly string[]): Promise<string> => {
  const headers = new Headers();
  let [url, method, body] = ['', 'GET', undefined as string | undefined];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word === '-L') continue;
    if (!word.startsWith('-')) url = word;
    else {
      const value = args[++at] ?? '';
      if (word === '-X') method = value;
      else if (word === '-d') body = value;
      else if (word === '-H') headers.append(...splitHeader(value));
      else throw new Error(`curl ${word} is not known here`);
    }
  }
  return (await fetch(url, { method, headers, ...(body !== undefined && { body }) })).text();
};

const splitHeader = (line: string): [string, string] => {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
};

/** A line of the page: `…` stands for whatever came, and columns may be as wide as they like. */
const patternOf = (line: string) =>
  line
    .trim()
    .split(/…/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/ {2,}/g, ' +'))
    .join('.*?');

interface Step {
  readonly commands: readonly string[];
  readonly shown: readonly string[];
}

const stepsOf = (fences: readonly Fence[]): readonly Step[] =>
  fences.flatMap(({ language, about, text }, at) => {
    if (language !== 'sh' || about !== 'here') return [];
    const next = fences[at + 1];
    if (next?.language !== 'text') throw new Error(`nothing is shown of: ${text}`);
    return { commands: text.trim().split('\n'), shown: next.text.trim().split('\n') };
  });

describe('docs/quick-paths.md', () => {
  let fences: readonly Fence[];
  beforeAll(async () => {
    fences = fencesOf(await read('quick-paths.md'));
  });

  it('shows at each step here what its commands answer, in its order', async () => {
    const { run } = await example();
    const steps = stepsOf(fences);
    expect(steps).toHaveLength(10);
    for (const { commands, shown } of steps) {
      const answer = async () => {
        const answers: string[] = [];
        for (const command of commands) answers.push(await run(command));
        return answers.join('\n');
      };
      const pattern = new RegExp(shown.map(patternOf).join('[\\s\\S]*'));
      await expect.poll(answer).toMatch(pattern);
    }
  });

  it('has no step here that nobody runs', () => {
    expect(fences.filter(({ about }) => about !== '' && about !== 'here')).toEqual([]);
    const urls = fences
      .filter(({ language, about }) => language === 'sh' && about === '')
      .filter(({ text }) => text.includes('127.0.0.1'));
    expect(urls).toEqual([]);
  });
});

/**
 * Its lines without what differs from run to run: ids, which tasks are told in the order of; times,
 * seconds, addresses, and how wide columns are.
 */
const masked = (text: string) =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/[0-9a-f]{32}(-\d+-\w{20})?/g, '<id>')
    .replaceAll(/rollcall-smoke-\w+/g, '<name>')
    .replaceAll(/127(\.\d+){3}:\d+/g, '<address>')
    // Given here only, since the ports are not the usual ones.
    .replaceAll(/ --endpoint-url \S+/g, '')
    .replaceAll(/\b\d+\.\d\b/g, '<seconds>')
    .replaceAll(/ +/g, ' ')
    .split('\n')
    .toSorted();

it('docs/command.md shows what its commands answer, from a question to its answer too', async () => {
  const { run } = await example();
  const waits = async () => (await run('npx --no-install rollcall plan')).split('\n');
  await expect.poll(waits).toContain('unchanged: cloudmap 12, consul 12, eureka 12');
  const page = await read('command.md');
  const parts = [...page.matchAll(/<!-- (?:shown|why) -->\n\n```\n([\s\S]*?)\n```/g)];
  const steps = parts.flatMap(([, shown = '']) => shown.split(/^\$ /m).filter(Boolean));
  expect([parts.length, steps.length]).toEqual([2, 9]);
  for (const step of steps) {
    const [command = '', ...lines] = step.trim().split('\n');
    const answer = await run(`npx --no-install ${command.replace(' --local', '')}`);
    expect(masked(answer), command).toEqual(masked(lines.join('\n')));
  }
});

it('docs/troubleshooting.md gives commands of rollcall that answer', async () => {
  const { run } = await example();
  const commands = fencesOf(await read('troubleshooting.md')).flatMap(({ text }) =>
    text.trim().split('\n'),
  );
  expect(commands.length).toBeGreaterThan(8);
  for (const command of new Set(commands)) await run(command);
});
