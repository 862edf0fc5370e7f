import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRecording } from '../../local/replay/recording.ts';
import { replay } from '../../local/replay/replay.ts';

const FOLDER = new URL('../fixtures/cases/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

interface Right {
  /** `NAME at ADDRESS:PORT`, all that would be registered. */
  readonly registered: readonly string[];
  /** What is said besides: reasons, metadata. */
  readonly told?: readonly string[];
}

/** By file: what is right, and why, stands in `test/fixtures/cases/README.md`. */
const RIGHT: Readonly<Record<string, Right>> = {
  'external-host.json': {
    registered: ['basket at 192.168.7.7:32900'],
    told: ['EC2_INSTANCE_ID=mi-0123456789abcdef0'],
  },
  'no-sidecar.json': { registered: ['basket at 10.9.1.7:8080'] },
  'public-host.json': { registered: ['basket at 198.51.100.7:32990'] },
  'public-task.json': {
    registered: [],
    told: [
      'Assumed: eni-0123456789abcdef0 has no public address',
      'skipped: container app, port 8080/tcp: no public IPv4 address is known',
    ],
  },
  'public-task-with-interface.json': { registered: ['basket at 198.51.100.31:8080'] },
};

const replayed = async (file: string) => {
  const said: string[] = [];
  const print = (text: string) => said.push(...text.split('\n'));
  const recording = parseRecording(readFileSync(new URL(file, FOLDER), 'utf8'));
  const handled = await replay(recording, { aws: false, json: false, print });
  return { handled, said };
};

/** `basket at 10.9.1.7:8080` of `would register basket at 10.9.1.7:8080 in consul: …`. */
const registeredIn = (said: readonly string[]) =>
  said.flatMap((line) => /^would register (.*?) in /.exec(line)?.[1] ?? []).sort();

describe('a case from a report', () => {
  it.each(FILES)('%s', async (file) => {
    const { handled, said } = await replayed(file);
    expect(handled, said.join('\n')).toBe(true);
    const right = RIGHT[file];
    if (!right) return;
    expect(registeredIn(said)).toEqual(right.registered);
    for (const text of right.told ?? []) expect(said.join('\n')).toContain(text);
  });

  it('is in the list of situations, each and no other', () => {
    const list = readFileSync(new URL('README.md', FOLDER), 'utf8');
    const rows = list.split('\n').filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([\w-]+)`/g)].map(([, name]) => `${name}.json`),
    );
    expect(named.sort()).toEqual(FILES.toSorted());
    expect(Object.keys(RIGHT).filter((file) => !FILES.includes(file))).toEqual([]);
  });
});
