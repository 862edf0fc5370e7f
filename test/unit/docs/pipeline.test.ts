import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../command/arguments.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const page = readFileSync(resolve(ROOT, 'docs/releasing.md'), 'utf8');

interface Step {
  readonly run?: string;
  readonly uses?: string;
}
interface Workflow {
  readonly jobs: Readonly<
    Record<string, { readonly 'runs-on': string; readonly steps: readonly Step[] }>
  >;
}

const [, sample = ''] = /<!-- ci -->\s*```yaml\n([\s\S]*?)```/.exec(page) ?? [];
/** The parser that the Serverless Framework brings: the project has none of its own. */
const { load } = createRequire(resolve(ROOT, 'node_modules/serverless/package.json'))('js-yaml');
const { jobs }: Workflow = load(sample);
const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));

describe('the sample of a pipeline', () => {
  it('previews on a pull request, and deploys in observe mode', () => {
    expect(Object.keys(jobs)).toEqual(['preview', 'observe']);
    expect(commands.some((one) => one.includes('rollcall preview'))).toBe(true);
    const deploys = commands.filter((one) => one.includes('serverless deploy'));
    expect(deploys).toEqual([expect.stringMatching(/--region \S+ --param policy=observe$/)]);
  });

  it('calls commands as they are', () => {
    const asked = commands.flatMap(
      (one) => /rollcall ([^|]+)/.exec(one)?.[1]?.trim().split(' ') ?? [],
    );
    const lines = commands.flatMap((one) => /rollcall ([^|]+)/.exec(one)?.[1]?.trim() ?? []);
    expect(asked.length).toBeGreaterThan(3);
    for (const line of lines) expect(parseCommandLine(line.split(' ')).command?.name).toBeDefined();
    for (const one of commands)
      expect(one).toMatch(/^(npm ci|npx serverless |npx --no-install rollcall )/);
  });
});

describe('docs/releasing.md', () => {
  it('links to what exists', () => {
    const links = [...page.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(resolve(ROOT, 'docs', link)))).toEqual([]);
  });

  it('names npm’s scripts as package.json has them', () => {
    const { scripts } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8'));
    const named = [...page.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named).toContain('release');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
