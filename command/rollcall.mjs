#!/usr/bin/env node
// Plain JavaScript, so that an older Node reads it as far as to say what is wrong.
const OLDEST = 22;
const [major] = process.versions.node.split('.');
if (Number(major) < OLDEST) {
  console.error(
    `rollcall: expected Node ${OLDEST} or newer, got ${process.versions.node}: install a newer one, or run it in a clone as: npx --no-install rollcall`,
  );
  process.exitCode = 2;
} else {
  void import('./start.ts').then(({ start }) => start());
}
