import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/models/fetch.ts'],
    setupFiles: ['test/models/watch.ts'],
    // The default leaves one core to the runner; many suites wait for servers rather than for a core.
    maxWorkers: '100%',
    // Suites start loopback servers and package the stack; a busy shared machine needs more than the default 5 s and 10 s.
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
