import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bench } from './figure.ts';

const CASES = [1_000, 10_000, 100_000].flatMap((tasks) =>
  [1, 100].map((clusters) => ({ tasks, clusters })),
);

/** What one case prints. */
export interface RoundFigures {
  /** Processor seconds of a round at rest. */
  readonly cpu: number;
  /** Bytes that the process held at most. */
  readonly memory: number;
  /** Calls of ECS and EC2 in a round at rest. */
  readonly calls: number;
  readonly describeInstances: number;
  /** Characters that a round at rest logs. */
  readonly logged: number;
}

/**
 * What a round at rest costs by itself, at a registry and an AWS that answer at once: linear in
 * tasks, whatever number of clusters they are spread over. Each case has a process of its own, so
 * that its memory can be told.
 */
export const rounds: Bench = async function* () {
  const script = fileURLToPath(new URL('./rounds-case.ts', import.meta.url));
  for (const { tasks, clusters } of CASES) {
    const args = [script, String(tasks), String(clusters)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { cpu, memory, calls, describeInstances, logged } = JSON.parse(stdout) as RoundFigures;
    const name = `${tasks} tasks in ${clusters} ${clusters === 1 ? 'cluster' : 'clusters'}`;
    yield* [
      { name: `${name}: cpu`, value: cpu, unit: 's' },
      { name: `${name}: memory`, value: memory / 1e6, unit: 'MB' },
      { name: `${name}: calls of AWS`, value: calls, unit: '' },
      { name: `${name}: of these DescribeInstances`, value: describeInstances, unit: '' },
      { name: `${name}: logged`, value: logged, unit: 'characters' },
    ];
  }
};
