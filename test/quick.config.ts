/**
 * `npm run test:quick`, for whoever edits: every machine, every description, the checker on small worlds, races of one's own, the words of
 * reports. Left out is what explores all built-in scenarios, what starts processes, what compares with recordings, and what takes chances.
 */
import { suiteWithout } from '../vitest.config.ts'

const long = [
  'cli',
  'conform',
  'docs/{examples,shown}',
  'explore/{counterexamples,generated,lock-order-stacks,random-systems,sampling,store}',
  'fuzz',
  'kernel/{cli,generated}',
  'linux',
  'live',
  'page',
  'published',
  'replay',
  'report/{family,kernel-words,lockdep,visible}',
  'scenarios',
  'statecharts',
  'testing/{kept-runs,package,runners}',
]

export default suiteWithout(long.map((part) => `test/${part}{/**,.test.ts}`))
