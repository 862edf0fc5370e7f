import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imports } from './imports.bench.ts';
import { planning } from './planning.bench.ts';
import { scale } from './scale.bench.ts';
import { storm } from './storm.bench.ts';

/** One line of the report: times are medians of one run on one machine, comparable to nothing but each other. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** A bench leaves files only in the folder it is given. */
export type Bench = (folder: string) => Promise<readonly Figure[]>;

const BENCHES: Readonly<Record<string, Bench>> = { imports, planning, scale, storm };

const main = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
  const report: Record<string, readonly Figure[]> = {};
  try {
    for (const [name, bench] of Object.entries(BENCHES)) report[name] = await bench(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.log(process.argv.includes('--json') ? JSON.stringify(report, null, 2) : table(report));
};

const table = (report: Readonly<Record<string, readonly Figure[]>>) =>
  Object.entries(report)
    .flatMap(([bench, figures]) => [
      bench,
      ...figures.map(
        ({ name, value, unit }) => `  ${name.padEnd(52)} ${value.toFixed(2).padStart(12)} ${unit}`,
      ),
    ])
    .join('\n');

await main();
