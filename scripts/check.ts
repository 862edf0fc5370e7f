import { spawnSync } from 'node:child_process';

/** The parts of `npm run check`, as one would run each by hand. */
const PARTS = ['npm run types', 'npm run lint', 'npm run docs -- --check', 'npm test'] as const;

/**
 * Runs every part, whatever became of the one before, and names at the end those that failed. Exit
 * 1 then.
 */
const main = () => {
  const failed = PARTS.filter((part) => {
    console.log(`\n== ${part}`);
    return spawnSync(part, { stdio: 'inherit', shell: true }).status !== 0;
  });
  console.log(
    `\n== ${failed.length > 0 ? `FAILED: ${failed.join(', ')}` : `ok: ${PARTS.join(', ')}`}`,
  );
  process.exitCode = failed.length > 0 ? 1 : 0;
};

main();
