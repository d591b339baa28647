import { configDefaults, defineConfig } from 'vitest/config';

/** Rooms whose modules keep nothing that another file's tests could find: a process for each file would cost more than most files. */
const shared = ['access', 'budget', 'config', 'fleet', 'http', 'policy', 'protocol', 'std', 'step-time'].map((room) => `src/${room}/**/*.test.ts`);

export default defineConfig({
  test: {
    // Two cores: more workers than that make real engines compete with the tests that wait for them.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A poll waits for something that must come; how soon it does says more of the machine than of the product.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      { extends: true, test: { name: 'in shared processes', include: shared, isolate: false } },
      {
        extends: true,
        test: {
          name: 'in processes of their own',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'web/src/**/*.test.ts', 'bin/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...shared],
        },
      },
    ],
  },
});
