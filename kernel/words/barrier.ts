/**
 * Memory barriers. Every interleaving that is explored is one of whole accesses in the order of the program, so no barrier changes what happens;
 * it orders accesses of others when data races are judged, together with the marked accesses around it: what was written before an smp_wmb()
 * (or smp_mb()) comes before what is read behind an smp_rmb() (smp_mb()) by whoever read, in between, what was written behind the first.
 */
import { barrier as machine, barrierOrders } from '../../machines/kernel/variables/barrier.ts'
import type { KernelObject } from '../object.ts'
import { ask, type Step } from '../step.ts'

const barriers: KernelObject<'barrier'> = {
  kind: 'barrier',
  name: 'smp',
  actors: (id) => [{ id, machine, input: {}, orders: barrierOrders }],
}

const barrier = (word: string, type: 'MB' | 'WMB' | 'RMB') => (): Step =>
  ask({ says: `${word}()`, of: barriers, type, reads: true, answers: { ANSWER: {} } })

/** Orders everything before it and everything behind it. */
export const smp_mb = barrier('smp_mb', 'MB')
/** Orders writes before it and writes behind it. */
export const smp_wmb = barrier('smp_wmb', 'WMB')
/** Orders reads before it and reads behind it. */
export const smp_rmb = barrier('smp_rmb', 'RMB')
