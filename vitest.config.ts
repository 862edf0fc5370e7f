import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Those that load modules anew, or work a core for seconds: each in a process of its own. */
const ALONE = [
  'test/flow/{docs-commands,keys,leases,local-run,many-ports}.test.ts',
  'test/flow/{preview-account,resolver-process,scale,storm}.test.ts',
  'test/flow/{races,simulation}/*.test.ts',
  'test/unit/new-registry.test.ts',
];
const REAL = ['test/real/**/*.test.ts'];

export default defineConfig({
  test: {
    setupFiles: ['test/models/watch.ts'],
    // The default leaves one core to the runner; many suites wait for servers rather than for a
    // core.
    maxWorkers: '100%',
    // Nothing is to depend on how busy the machine is: these end what hangs, and nothing else.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 240_000 } },
    // For the processes that tests start: their modules are compiled once.
    env: { NODE_COMPILE_CACHE: resolve(import.meta.dirname, '.cache/compiled') },
    // Vitest runs them in the order of their names: what takes long comes first.
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE } },
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: [...ALONE, ...REAL],
          // Modules are loaded once: what a file changes in the process it puts back.
          isolate: false,
          setupFiles: ['test/support/put-back.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'real', include: REAL, globalSetup: ['test/models/fetch.ts'] },
      },
    ],
  },
});
