import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'web/src/**/*.test.ts', 'bin/**/*.test.ts', 'scripts/**/*.test.ts'],
    // Two cores: more workers than that make real engines compete with the tests that wait for them.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A poll waits for something that must come; how soon it does says more of the machine than of the product.
    expect: { poll: { timeout: 10_000 } },
  },
});
