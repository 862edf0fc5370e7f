import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/models/fetch.ts'],
    setupFiles: ['test/models/watch.ts'],
    // Suites start loopback servers; a busy shared machine needs more than the default 5 s.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
