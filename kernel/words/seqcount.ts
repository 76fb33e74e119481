/**
 * seqcount_t (include/linux/seqlock.h): who reads looks afterwards whether somebody has written meanwhile, and reads again. Writers keep
 * each other out by some lock of their own. Leads to: a warning of two writers; a deadlock of who reads while he writes, or for a writer that
 * waits for him.
 */
import { seqcount as machine, seqcountFacts } from '../../machines/kernel/locks/seqcount.ts'
import { named, type KernelObject } from '../object.ts'
import { wordsOf, type Into, type Place } from '../place.ts'
import { ask, type Step } from '../step.ts'

export type Seqcount = KernelObject<'seqcount_t'>

/** A sequence count; without a name, as a member of a struct. */
export const seqcount_t = (name = ''): Seqcount =>
  named({
    kind: 'seqcount_t',
    name,
    actors: (id, { lockClass }) => [{ id, machine, input: { id }, lockClass, lock: seqcountFacts }],
  })

const beginning =
  (word: string, type: 'READ_BEGIN' | 'RAW_READ', value: (sequence: number) => number = (it) => it) =>
  <L>(s: Place<L, Seqcount>, into: Into<L, number>): Step<L> =>
    ask({
      says: `${into} = ${word}(${wordsOf(s)})`,
      of: s,
      type,
      waits: type === 'READ_BEGIN' ? 'spins' : 'not',
      answers: { ANSWER: { into, value: (answer) => value(answer['value'] as number) } },
    })

/** Waits until nobody writes. Leads to: deadlock. */
export const read_seqcount_begin = beginning('read_seqcount_begin', 'READ_BEGIN')
/** Does not wait: while somebody writes, it is odd. */
export const raw_read_seqcount = beginning('raw_read_seqcount', 'RAW_READ')
/** Does not wait: while somebody writes, what is read has to be read again. */
export const raw_seqcount_begin = beginning('raw_seqcount_begin', 'RAW_READ', (sequence) => sequence - (sequence % 2))

/** `start`: the local that keeps what reading began with. `into`: has somebody written since, so that it has to be read again? */
export const read_seqcount_retry = <L>(
  s: Place<L, Seqcount>,
  start: keyof L & string,
  into: Into<L, boolean>,
): Step<L> =>
  ask({
    says: `${into} = read_seqcount_retry(${wordsOf(s)}, ${start})`,
    of: s,
    type: 'READ_RETRY',
    with: (v) => ({ start: v[start] }),
    waits: 'not',
    answers: { ANSWER: { into } },
  })

const writing =
  (word: string, type: string) =>
  <L>(s: Place<L, Seqcount>): Step<L> =>
    ask({ says: `${word}(${wordsOf(s)})`, of: s, type, waits: 'not', answers: { ANSWER: {} } })

/** Leads to: a warning, if somebody writes already. */
export const write_seqcount_begin = writing('write_seqcount_begin', 'WRITE_BEGIN')
export const write_seqcount_end = writing('write_seqcount_end', 'WRITE_END')
