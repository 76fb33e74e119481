/** The suite as it is, with its costs written down. */
import { mergeConfig } from 'vitest/config'
import suite from '../../vitest.config.ts'

export default mergeConfig(suite, { test: { setupFiles: ['bench/suite/costs.ts'] } })
