/**
 * `npm run test:quick`, for whoever edits: every machine, every description, the checker on small worlds, races of one's own, the words of
 * reports. Left out is what explores all built-in scenarios, what starts processes and threads, what compares with recordings or by brute force,
 * what takes chances, and what takes more than three CPU seconds besides (`npm run bench:suite` says what does).
 */
import { mergeConfig } from 'vitest/config'
import { suiteWithout } from '../vitest.config.ts'

const long = [
  'cli',
  'conform',
  'docs/{examples,shown}',
  'explore/{bounds,checkpoint,classes,counterexamples,counts,cut,dpor,estimate,generated,kept,lock-order-stacks}',
  'explore/{memory,orbits,orbits-along,order,pct-bound,pieces,prefix,random-systems,reduction,room}',
  'explore/{sampling,searches,shortest,steps,store,symmetry,workers}',
  'fuzz',
  'inspect/program',
  'kernel/{cli,data-races,generated,generated-calls,races-generated,slips}',
  'linux',
  'live',
  'page',
  'process/{apart,checkpoint,generated,growth,judge,odd,quick,real,told}',
  'published',
  'replay',
  'report/{family,kernel-words,lockdep,reporters,save,visible}',
  'scenarios',
  'shapes/{entrances,slips}',
  'statecharts',
  'swarm',
  'testing/{kept-runs,package,runners}',
  'vfio/{choices,departed-process,free-choice}',
]

/** What was compiled once is kept: whoever edits changes a file or two. */
const kept = { test: { experimental: { fsModuleCache: true } } }

export default mergeConfig(suiteWithout(long.map((part) => `test/${part}{/**,.test.ts}`)), kept)
