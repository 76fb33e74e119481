import { configDefaults, defineConfig } from 'vitest/config'

/** What puts modules of its own in the place of ours needs a process of its own. */
const alone = ['test/explore/edges.test.ts', 'test/shapes/slips.test.ts']

/** The long form of random tests, and all recordings, take as long as they take. */
const isLong = process.env['RELOCK_SEEDS'] !== undefined || process.env['RECORDINGS'] === 'all'

/** All tests, but for some files. */
export const suiteWithout = (leftOut: readonly string[]) =>
  defineConfig({
    // Packages as users have them, not as their authors debug them.
    ssr: { resolve: { conditions: ['module', 'node'] } },
    test: {
      // Whoever runs a part of the suite must not test yesterday's program.
      globalSetup: 'test/build.ts',
      // For what hangs, on any machine; no test has a limit of its own. Searches are bounded by states, not by time: a slow machine must not
      // turn a proof into a failure.
      testTimeout: isLong ? 0 : 1_800_000,
      hookTimeout: 1_800_000,
      // Every core: nobody watches meanwhile, and no test looks at the clock.
      maxWorkers: '100%',
      // To load relock costs more than most files of tests: a process does it once, and they leave nothing behind for one another.
      projects: [
        {
          extends: true,
          test: {
            name: 'together',
            include: ['test/**/*.test.ts'],
            exclude: [...configDefaults.exclude, ...leftOut, ...alone],
            isolate: false,
          },
        },
        { extends: true, test: { name: 'alone', include: alone, exclude: [...configDefaults.exclude, ...leftOut] } },
      ],
    },
  })

export default suiteWithout([])
