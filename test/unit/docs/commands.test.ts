import { glob, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import { ofType, text } from '../../../scripts/stack/template.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Every page, and the stack's outputs as they are printed. */
const written = async (): Promise<string[]> => {
  const texts = Object.values((await packageStack()).Outputs).map(({ Value }) => text(Value));
  for await (const page of glob(['README.md', 'docs/**/*.md'], { cwd: ROOT }))
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
  expect(calls.length).toBeGreaterThan(1);
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
