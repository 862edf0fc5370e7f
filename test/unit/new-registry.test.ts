import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scaffold } from '../../scripts/new-registry.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const COPIED = [
  'functions',
  'local',
  'scripts',
  'shared',
  'stack',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'test/contract',
  'test/fixtures/toy-registry',
  'test/models',
  'test/support',
];
/** What a contributor writes: the server's simulator, and what the scaffold leaves to do. */
const FILLED = {
  'server.ts': 'local/toy.ts',
  'record.ts': 'shared/registries/toy/record.ts',
  'read.ts': 'shared/registries/toy/read.ts',
  'write.ts': 'shared/registries/toy/write.ts',
} as const;

let copy: string;
const ended = new AbortController();

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'rollcall-registry-'));
  for (const part of COPIED) await cp(join(ROOT, part), join(copy, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(async () => {
  ended.abort();
  await rm(copy, { recursive: true, force: true });
});

/**
 * What a program of node_modules prints, and whether it ended well. Nothing real can be had in the
 * copy.
 */
const run = (program: string, ...args: readonly string[]) =>
  new Promise<{ readonly isWell: boolean; readonly text: string }>((done) => {
    const { ROLLCALL_REAL: _, ...env } = process.env;
    const options = { cwd: copy, env, maxBuffer: 64 * 1024 * 1024, signal: ended.signal };
    execFile(join(copy, 'node_modules/.bin', program), args, options, (error, stdout, stderr) =>
      done({ isWell: error === null, text: stdout + stderr }),
    );
  });

const typeFaults = async () => {
  const include = ['functions', 'shared', 'stack', 'scripts/serverless', 'test/contract/toy.*'];
  const config = JSON.stringify({ extends: './tsconfig.json', include });
  await writeFile(join(copy, 'tsconfig.toy.json'), config);
  const { text } = await run('tsc', '--noEmit', '-p', 'tsconfig.toy.json');
  return text;
};

interface Report {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numTotalTests: number;
  readonly testResults: readonly { readonly message: string }[];
}

const contractOf = async (name: string, part = ''): Promise<Report> => {
  const file = join(copy, `${name}.json`);
  const args = ['--project', 'quick', '--reporter=json', `--outputFile=${file}`];
  await run('vitest', 'run', ...args, '-t', part, `test/contract/${name}.test.ts`);
  return JSON.parse(await readFile(file, 'utf8'));
};

describe('a registry made by `npm run new-registry`', () => {
  it('compiles, passes no test of the contract until it is filled in, and then all', async () => {
    const files = await scaffold(copy, 'toy');
    expect(files).toContain('shared/registries/toy/index.ts');
    expect(await typeFaults()).toBe('');
    const empty = await contractOf('toy');
    expect(empty).toMatchObject({ success: false, numPassedTests: 0 });

    const harness = join(copy, 'test/contract/toy.harness.ts');
    const text = await readFile(harness, 'utf8');
    const todo = /\/\*\* To do: a simulated server[\s\S]*?\n\};\n\n/;
    expect(text).toMatch(todo);
    const filled = text.replace(todo, '').replace('startServer()', 'startToy()');
    await writeFile(harness, `import { startToy } from '../../local/toy.ts';\n${filled}`);
    await cp(join(copy, 'test/fixtures/toy-registry/server.ts'), join(copy, FILLED['server.ts']));
    expect(await contractOf('toy', 'writes')).toMatchObject({ success: false, numPassedTests: 0 });

    for (const [from, to] of Object.entries(FILLED))
      await cp(join(copy, 'test/fixtures/toy-registry', from), join(copy, to));
    expect(await typeFaults()).toBe('');
    const { testResults, ...whole } = await contractOf('toy');
    expect(testResults.map(({ message }) => message).join()).toBe('');
    expect(whole.success).toBe(true);
    expect(whole.numPassedTests).toBe(whole.numTotalTests);
    expect(whole.numTotalTests).toBeGreaterThan(50);
  });

  it('takes no name that is taken, and none that could be no folder', async () => {
    const before = await readFile(join(copy, 'shared/registries/index.ts'), 'utf8');
    await expect(scaffold(copy, 'consul')).rejects.toThrow();
    await expect(scaffold(copy, '../consul')).rejects.toThrow('lower-case letters');
    expect(await readFile(join(copy, 'shared/registries/index.ts'), 'utf8')).toBe(before);
  });
});
