/** For mutants: the sources as they stand, and no build. The limit is for those that wait for ever: what takes long is ended by the processor's time (run.ts). */
import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['test/**/*.test.ts'], testTimeout: 600_000 } })
