import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/models/fetch.ts'],
    setupFiles: ['test/models/watch.ts'],
    // The default leaves one core to the runner; many suites wait for servers rather than for a core.
    maxWorkers: '100%',
    // Nothing is to depend on how busy the machine is: these end what hangs, and nothing else.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
