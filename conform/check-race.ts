/** Is this a race? Operations of several threads at once; what was recorded of it, or nothing: then it is a question. */
import { makerOf, type Op } from '../actors/kernel/system-calls/op.ts'
import { checkResults } from './check-results.ts'
import type { Problem } from './malformed.ts'
import { called, count, isBag, isCount, unknownField, wrong, type Bag } from './wrong.ts'

const races = (op: unknown): boolean => isBag(op) && op['barrier'] !== undefined

export const racesIn = (ops: unknown): boolean => Array.isArray(ops) && ops.some(races)

/** A sequence has one list of results. */
export const resultsOfARace = (found: unknown): Problem => ({
  of: 'the race',
  field: 'results',
  fact: 'has "results", as a sequence has them',
  expected: '"reps" and "outcomes" if it was recorded; neither of them to ask which outcomes there are',
  found,
  attempt: 'leave out "results", and relock lists every outcome',
})

export const checkRecorded = ({ reps, outcomes }: Bag, ops: readonly Bag[]): void => {
  if (!isCount(reps, 1))
    return wrong({
      of: 'the race',
      field: 'reps',
      fact: reps === undefined ? 'has no "reps"' : 'has "reps" that do not fit',
      expected: 'how often it was tried, as 60',
      found: reps,
    })
  if (!Array.isArray(outcomes) || outcomes.length === 0)
    return wrong({
      of: 'the race',
      field: 'outcomes',
      fact: 'has no outcome',
      expected: 'a list of {"count": …, "results": […]}',
      found: outcomes,
    })
  outcomes.forEach((outcome: unknown, nth) => checkOutcome(outcome, `outcome ${nth}`, ops))
  const seen = (outcomes as { count: number }[]).reduce((sum, { count: times }) => sum + times, 0)
  if (seen > reps)
    wrong({
      of: 'the race',
      field: 'count',
      fact: `was tried ${count(reps, 'time')}, and its outcomes were seen ${count(seen, 'time')}`,
      expected: `counts that make no more than ${reps} together`,
      attempt: `correct a "count", or write "reps": ${seen}`,
    })
}

/** What ends a thread, or makes one: nobody could go on with it then, or it was not there when the race began. */
const ends = ['exec', 'exit', 'exit_thread', 'kill']
const begins = ['fork', 'thread']

export const checkTogether = (ops: readonly Bag[]): void => {
  if (ops.filter(races).length < 2)
    wrong({
      of: 'the race',
      field: 'barrier',
      fact: 'has no two ops that are made at once',
      expected: 'two ops with "barrier": 1 and "async": 0',
      attempt: 'write "async": 0, "barrier": 1 in the two ops that race',
    })
  checkRacing(ops)
  checkAfter(ops)
}

/** A race is told as: some operations, then several threads at once, then some more, and what each came back with. */
const checkRacing = (ops: readonly Bag[]): void => {
  const misplaced = (index: number, fact: string, expected: string): never =>
    wrong({ of: called(index, ops[index]!['op']), fact, expected, found: ops[index] })
  const start = ops.findIndex((op) => op['barrier'] !== undefined)
  const racing = new Set<string>()
  const made = new Set(['p0'])
  for (const [index, op] of ops.entries()) {
    const [what, thread] = [String(op['op']), makerOf(op as Op)]
    if (ends.includes(what))
      misplaced(index, 'ends a thread in a race', 'threads that are there from the beginning to the end')
    if (begins.includes(what) && index >= start)
      misplaced(index, 'makes a thread after the race has begun', 'a place before the ops with "barrier"')
    if (begins.includes(what)) made.add(String(op['as']))
    if (op['barrier'] === undefined) continue
    if (what === 'await') misplaced(index, 'waits, and races', 'no "barrier": it tells what a thread came back with')
    if (!made.has(thread))
      misplaced(index, `races as ${thread}, which is made after that`, 'a thread that was made before')
    racing.add(thread)
  }
  if (racing.size < 2)
    wrong({
      of: 'the race',
      field: 'barrier',
      fact: 'is of one thread',
      expected: 'ops with "barrier" of two threads',
      attempt: 'write "proc": "t1" in one of them, and {"op": "thread", "as": "t1"} before',
    })
  for (const [index, op] of ops.entries())
    if (index > start && op['op'] === 'await' && !racing.has(makerOf(op as Op)))
      misplaced(index, `waits for ${makerOf(op as Op)}, which does not race`, `one of ${[...racing].join(', ')}`)
}

/** Behind the race one operation is made after the other, by threads that are back. */
const checkAfter = (ops: readonly Bag[]): void => {
  const busy = new Set<string>()
  for (const [index, op] of ops.entries()) {
    const thread = makerOf(op as Op)
    const of = called(index, op['op'])
    if (races(op)) {
      if (busy.has(thread))
        wrong({ of, fact: `races as ${thread}, which races already`, expected: 'one op with "barrier" a thread' })
      busy.add(thread)
    } else if (busy.size > 0 && op['op'] === 'await') busy.delete(thread)
    else if (busy.has(thread))
      wrong({
        of,
        fact: `is made by ${thread}, which is still racing`,
        expected: `{"op": "await", "proc": "${thread}"} before it`,
        found: op,
      })
  }
}

const checkOutcome = (outcome: unknown, of: string, ops: readonly Bag[]): void => {
  if (!isBag(outcome) || !isCount(outcome['count'], 1))
    return wrong({
      of,
      field: 'count',
      fact: isBag(outcome) && outcome['count'] !== undefined ? 'has a "count" that does not fit' : 'has no "count"',
      expected: 'how often it was seen, as 43',
      found: isBag(outcome) ? (outcome['count'] ?? outcome) : outcome,
    })
  const known = ['count', 'results']
  const stranger = Object.keys(outcome).find((field) => !known.includes(field))
  if (stranger !== undefined) unknownField(of, stranger, known, outcome[stranger])
  checkResults(outcome['results'], ops, 'results')
  const open = (outcome['results'] as readonly unknown[]).indexOf(null)
  if (open >= 0)
    wrong({
      of: `${of}, ${called(open, ops[open]!['op']).replace('op', 'result')}`,
      fact: 'is null',
      expected: 'what was seen, as {"ret": 0}: an outcome is all of it',
      found: null,
    })
}
