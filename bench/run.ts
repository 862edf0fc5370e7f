import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { events } from './events.bench.ts';
import type { Bench, Figure } from './figure.ts';
import { imports } from './imports.bench.ts';
import { journeys } from './journeys.bench.ts';
import { planning } from './planning.bench.ts';
import { resolver } from './resolver.bench.ts';
import { rounds } from './rounds.bench.ts';
import { scale } from './scale.bench.ts';
import { storm } from './storm.bench.ts';

const BENCHES: Readonly<Record<string, Bench>> = {
  imports,
  journeys,
  events,
  planning,
  rounds,
  scale,
  storm,
  resolver,
};

/** Those that are named, or all: `npm run bench -- journeys --files`. */
const chosen = () => {
  const names = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  return Object.entries(BENCHES).filter(([name]) => names.length === 0 || names.includes(name));
};

const main = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
  const report: Record<string, readonly Figure[]> = {};
  try {
    for (const [name, bench] of chosen()) report[name] = await bench(folder);
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
