/**
 * Who decides what happens next. A strategy is an operator: it hears the lanes that can be taken and answers with the index of one, now or
 * later. When it completes, the run is over.
 */
import { defer, map, take, zip } from 'rxjs'
import type { Observable, OperatorFunction } from 'rxjs'
import { dice } from './dice.ts'
import { choose, type Choice, type Offer } from './offers.ts'

export type Strategy = OperatorFunction<readonly Offer[], number>

/** Makes a strategy of a function that chooses; `begin` runs once a run, so that no memory is shared between two runs. */
const picking =
  (begin: () => (offers: readonly Offer[], step: number) => number): Strategy =>
  (offered) =>
    defer(() => offered.pipe(map(begin())))

/** Any lane, each as likely as the others. The same seed gives the same run. */
export const random = (seed: number): Strategy =>
  picking(() => {
    const roll = dice(seed)
    return (offers) => roll(offers.length)
  })

/** What was recorded, by index or by name, and then no more. A step that is not possible ends the run with an error. */
export const replay =
  (schedule: readonly Choice[]): Strategy =>
  (offered) =>
    offered.pipe(
      take(schedule.length),
      map((offers, step) => choose(offers, schedule[step]!)),
    )

/** The lane that has waited longest since it was last taken. */
export const roundRobin = (): Strategy =>
  picking(() => {
    const takenAt = new Map<string, number>()
    const last = ({ from, to }: Offer): number => takenAt.get(`${from}\n${to}`) ?? -1
    return (offers, step) => {
      const choice = indexOfLeast(offers.map(last))
      const { from, to } = offers[choice]!
      takenAt.set(`${from}\n${to}`, step)
      return choice
    }
  })

/** One choice of a person a step; choices made early wait for their turn. */
export const interactive =
  (choices: Observable<Choice>): Strategy =>
  (offered) =>
    zip(offered, choices).pipe(map(([offers, choice]) => choose(offers, choice)))

/**
 * Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): the thread with the highest priority runs, and `preemptions` times
 * within the first `steps` steps it drops below all others. Finds a bug that needs few preemptions with a probability that can be told.
 * A message belongs to the thread it names as its `task`, or else to its sender.
 */
export const pct = (
  seed: number,
  { preemptions, steps }: { readonly preemptions: number; readonly steps: number },
): Strategy =>
  picking(() => {
    const roll = dice(seed)
    const dropAt = new Set(Array.from({ length: preemptions }, () => roll(steps)))
    const priorities = new Map<string, number>()
    let lowest = 0
    const priority = (thread: string): number => {
      if (!priorities.has(thread)) priorities.set(thread, 1 + roll(2 ** 30))
      return priorities.get(thread)!
    }
    return (offers, step) => {
      const threads = offers.map(({ message, from }) => (typeof message['task'] === 'string' ? message['task'] : from))
      const running = () => indexOfLeast(threads.map((thread) => -priority(thread)))
      if (dropAt.has(step)) priorities.set(threads[running()]!, --lowest)
      return running()
    }
  })

const indexOfLeast = (numbers: readonly number[]): number => numbers.indexOf(Math.min(...numbers))
