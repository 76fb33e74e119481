/**
 * `npm run test:quick`, for whoever edits: every machine, every description, the checker on small worlds, races of one's own, the words of
 * reports. Left out is what explores all built-in scenarios, what starts processes, what compares with recordings, and what takes chances.
 */
import { mergeConfig } from 'vitest/config'
import { suiteWithout } from '../vitest.config.ts'

const long = [
  'cli',
  'conform',
  'docs/{examples,shown}',
  'explore/{checkpoint,classes,counterexamples,cut,generated,lock-order-stacks,pct-bound,prefix,random-systems}',
  'explore/{sampling,searches,steps,store,symmetry}',
  'fuzz',
  'inspect/program',
  'kernel/{cli,generated,generated-calls,races-generated}',
  'linux',
  'live',
  'page',
  'process/{apart,checkpoint,generated,quick,real}',
  'published',
  'replay',
  'report/{family,kernel-words,lockdep,visible}',
  'scenarios',
  'shapes/slips',
  'statecharts',
  'swarm',
  'testing/{kept-runs,package,runners}',
  'vfio/choices',
]

/** What was compiled once is kept: whoever edits changes a file or two. */
const kept = { test: { experimental: { fsModuleCache: true } } }

export default mergeConfig(suiteWithout(long.map((part) => `test/${part}{/**,.test.ts}`)), kept)
