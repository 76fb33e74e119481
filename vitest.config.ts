import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Searches are bounded by states, not by time: a slow machine must not turn a proof into a failure.
    testTimeout: 60_000,
    // Every core: nobody watches meanwhile, and no test looks at the clock.
    maxWorkers: '100%',
  },
})
