import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const SCRIPT = resolve(import.meta.dirname, 'moto', 'ask.py');

/**
 * Service, operation and parameters in boto3's names: `['lambda', 'get_function', { FunctionName:
 * 'web' }]`.
 */
export type Question = readonly [service: string, operation: string, parameters?: object];

/**
 * The answers to several questions, of pages all, as AWS's Python client reads them: one of the
 * clients of the services that Rollcall itself never calls. One process asks them all, since it
 * takes half a second to start. Rejects with the client's words where one is refused.
 */
export const askAws = async (
  {
    python,
    environment,
  }: { readonly python: string; readonly environment: Readonly<Record<string, string>> },
  questions: readonly Question[],
): Promise<readonly unknown[]> => {
  const child = spawn(python, [SCRIPT], { env: { ...environment, PATH: process.env['PATH'] } });
  child.stdin.end(
    JSON.stringify(questions.map(([service, name, given = {}]) => [service, name, given])),
  );
  const [answers, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (answers === '')
    throw new Error(`${JSON.stringify(questions)}: ${complaint.trim().split('\n').at(-1)}`);
  return JSON.parse(answers);
};
