/** For mutants: the sources as they stand, and no build. */
import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['test/**/*.test.ts'], testTimeout: 60_000 } })
