import { execFileSync } from 'node:child_process';
import { glob, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parseCommandLine } from '../../../command/arguments.ts';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import { ofType, text } from '../../../scripts/stack/template.ts';
import { fencesOf } from './fences.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Every page, and the stack's outputs as they are printed. */
const written = async (): Promise<string[]> => {
  const texts = Object.values((await packageStack()).Outputs).map(({ Value }) => text(Value));
  for await (const page of glob(['README*.md', 'docs/**/*.md'], { cwd: ROOT }))
    texts.push(await readFile(resolve(ROOT, page), 'utf8'));
  return texts;
};

it('commands wait as long as the function may take, since AWS’s CLI gives up after 60 s and invokes it anew', async () => {
  const calls = (await written()).flatMap(
    (one) => one.match(/aws lambda invoke --(?:\\\n|[^\n])*/g) ?? [],
  );
  const takes = ofType(await packageStack(), 'AWS::Lambda::Function').map(([, { Properties }]) =>
    Number(Properties['Timeout']),
  );
  expect(calls.length).toBeGreaterThan(0);
  for (const call of calls)
    expect(Number(/--cli-read-timeout (\d+)/.exec(call)?.[1]), call).toBeGreaterThan(
      Math.max(...takes),
    );
});

it('commands of the framework name a region: none is guessed', async () => {
  const calls = (await written()).flatMap(
    (one) => one.match(/^ *npx serverless (?:\\\n|[^\n])*/gm) ?? [],
  );
  expect(calls.length).toBeGreaterThan(10);
  for (const call of calls) expect(call).toContain(' --region ');
});

it('commands for a shell are such', async () => {
  const blocks = (await written()).flatMap(fencesOf).filter(({ language }) => language === 'sh');
  expect(blocks.length).toBeGreaterThan(20);
  for (const { text } of blocks) {
    // What a reader fills in, `<id>` or `…`, would be a redirection, or a name.
    const filledIn = text.replaceAll(/<[\w /-]+>/g, 'X');
    expect(
      () => execFileSync('bash', ['-n'], { input: filledIn, stdio: 'pipe' }),
      text,
    ).not.toThrow();
  }
});

it('parameters that are given are the stack’s, with values that they take', async () => {
  const { Parameters } = await packageStack();
  const given = (await written())
    .flatMap((one) => [...one.matchAll(/--param (\w+)=([^\s`]+)/g)])
    .filter(([all, , value = '']) => !/[…<]/.test(value) && !/name=value$/i.test(all));
  expect(given.length).toBeGreaterThan(30);
  for (const [all, name = '', value = ''] of given) {
    const { AllowedPattern, AllowedValues = [value] } = Parameters[name] ?? {};
    expect(Object.keys(Parameters), all).toContain(name);
    expect(AllowedValues, all).toContain(value);
    expect(value, all).toMatch(new RegExp(`^(?:${AllowedPattern ?? '.*'})$`));
  }
});

it('commands of rollcall are taken by it', async () => {
  const calls = (await written()).flatMap((one) =>
    [...one.matchAll(/(?:npx --no-install |`)rollcall ([a-z][^\n`#|&;>]*)/g)].map(([, args = '']) =>
      args.trim(),
    ),
  );
  expect(calls.length).toBeGreaterThan(20);
  for (const args of calls) {
    const words = args.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
    expect(() => parseCommandLine(words), args).not.toThrow();
  }
});
