/**
 * seqlock_t (include/linux/seqlock.h): a sequence count and the spinlock of those who write. Readers look afterwards whether somebody has written
 * meanwhile, and read again; the lock keeps writers apart. Leads to: lock order and deadlock at the lock of the writers; a deadlock of who
 * begins to read where he has interrupted one who writes.
 */
import { waitsAs } from '../../machines/kernel/locks/lock-facts.ts'
import { seqcount as seqcountMachine, seqcountFacts } from '../../machines/kernel/locks/seqcount.ts'
import { spinlock as spinlockMachine, spinlockFacts } from '../../machines/kernel/locks/spinlock.ts'
import type { Effect } from '../context.ts'
import { irqsOff, irqsOn, irqsRestored, irqsSaved } from '../irqs.ts'
import { leaves, takes } from '../lock.ts'
import { named, type KernelObject } from '../object.ts'
import { wordsOf, type Into, type Place } from '../place.ts'
import { bhOff, bhOn, lettingGo, spinningFor } from '../spinning.ts'
import { ask, inOrder, type Step } from '../step.ts'

export type Seqlock = KernelObject<'seqlock_t'>

const [lock, count] = ['lock', 'seqcount']

/** A seqlock; without a name, as a member of a struct. Properties see its parts as `<name>.lock` and `<name>.seqcount`. */
export const seqlock_t = (name = ''): Seqlock =>
  named({
    kind: 'seqlock_t',
    name,
    actors: (id, { lockClass }) => [
      {
        id: `${id}.${lock}`,
        machine: spinlockMachine,
        input: { id: `${id}.${lock}` },
        lockClass: `${lockClass}.${lock}`,
        lock: { ...spinlockFacts, waitType: waitsAs('spin') },
      },
      {
        id: `${id}.${count}`,
        machine: seqcountMachine,
        input: { id: `${id}.${count}` },
        lockClass: `${lockClass}.${count}`,
        lock: seqcountFacts,
      },
    ],
  })

const asks = (says: string, of: Place<any, Seqlock>, type: string): Step<any> =>
  ask({ says, of, part: count, type, waits: 'not', answers: { ANSWER: {} } })

const writing = (suffix: string, off?: Effect, on?: Effect) => ({
  begins: (of: Place<any, Seqlock>, flags = ''): Step<any> => {
    const says = `write_seqlock${suffix}(${wordsOf(of)}${flags})`
    return inOrder([
      takes({ says, of, part: lock, type: 'LOCK', effects: spinningFor('spinlock_t', off) }),
      asks(says, of, 'WRITE_BEGIN'),
    ])
  },
  ends: (of: Place<any, Seqlock>, flags = ''): Step<any> => {
    const says = `write_sequnlock${suffix === '_irqsave' ? '_irqrestore' : suffix}(${wordsOf(of)}${flags})`
    return inOrder([asks(says, of, 'WRITE_END'), leaves({ says, of, part: lock, type: 'UNLOCK', left: lettingGo(on) })])
  },
})

type Word = <L>(of: Place<L, Seqlock>) => Step<L>
const wordsFor = ({ begins, ends }: ReturnType<typeof writing>): readonly [Word, Word] => [
  (of) => begins(of as Seqlock),
  (of) => ends(of as Seqlock),
]

/** Keeps other writers out, and tells readers. Leads to: deadlock, lock order. */
export const [write_seqlock, write_sequnlock] = wordsFor(writing(''))
/** With interrupts off, and on again whatever they were. */
export const [write_seqlock_irq, write_sequnlock_irq] = wordsFor(writing('_irq', irqsOff, irqsOn))
/** With softirqs off. */
export const [write_seqlock_bh, write_sequnlock_bh] = wordsFor(writing('_bh', bhOff, bhOn))
/** With interrupts off, and then as they were: the local keeps that. */
export const write_seqlock_irqsave = <L>(of: Place<L, Seqlock>, flags: Into<L, number>): Step<L> =>
  writing('_irqsave', irqsSaved(flags)).begins(of as Seqlock, `, ${flags}`)
export const write_sequnlock_irqrestore = <L>(of: Place<L, Seqlock>, flags: keyof L & string): Step<L> =>
  writing('_irqsave', undefined, irqsRestored(flags)).ends(of as Seqlock, `, ${flags}`)

/** Waits until nobody writes; `into`: what reading began with. Leads to: deadlock. */
export const read_seqbegin = <L>(of: Place<L, Seqlock>, into: Into<L, number>): Step<L> =>
  ask({
    says: `${into} = read_seqbegin(${wordsOf(of)})`,
    of,
    part: count,
    type: 'READ_BEGIN',
    waits: 'spins',
    answers: { ANSWER: { into } },
  })

/** `start`: the local that keeps what reading began with. `into`: has somebody written since, so that it has to be read again? */
export const read_seqretry = <L>(of: Place<L, Seqlock>, start: keyof L & string, into: Into<L, boolean>): Step<L> =>
  ask({
    says: `${into} = read_seqretry(${wordsOf(of)}, ${start})`,
    of,
    part: count,
    type: 'READ_RETRY',
    with: (v) => ({ start: v[start] }),
    waits: 'not',
    answers: { ANSWER: { into } },
  })
