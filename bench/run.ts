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

const isJson = process.argv.includes('--json');

const main = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
  const report: Record<string, Figure[]> = {};
  try {
    for (const [name, bench] of chosen()) {
      const figures: Figure[] = [];
      report[name] = figures;
      if (!isJson) console.log(name);
      for await (const figure of bench(folder)) {
        figures.push(figure);
        if (!isJson) console.log(lineOf(figure));
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (isJson) console.log(JSON.stringify(report, null, 2));
};

const lineOf = ({ name, value, unit }: Figure) =>
  `  ${name.padEnd(52)} ${value.toFixed(2).padStart(12)} ${unit}`;

await main();
