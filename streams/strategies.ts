/**
 * Who decides what happens next. A strategy is an operator: it hears the lanes that can be taken and answers with the index of one, now or
 * later. When it completes, the run is over.
 */
import { defer, isObservable, map, take, zip } from 'rxjs'
import type { Observable, OperatorFunction } from 'rxjs'
import { insist } from '../shapes/insist.ts'
import { either, listOf, record, text, that, u32, whole } from '../shapes/shape.ts'
import { dice } from './dice.ts'
import { choose, type Choice, type Offer } from './offers.ts'

export type Strategy = OperatorFunction<readonly Offer[], number>

/** Makes a strategy of a function that chooses; `begin` runs once a run, so that no memory is shared between two runs. */
const picking =
  (begin: () => (offers: readonly Offer[], step: number) => number): Strategy =>
  (offered) =>
    defer(() => offered.pipe(map(begin())))

/** Any lane, each as likely as the others. The same seed gives the same run. */
export function random(seed: number): Strategy {
  insist(u32, seed, 'random()')
  return picking(() => {
    const roll = dice(seed)
    return (offers) => roll(offers.length)
  })
}

/** What was recorded, by index or by name, and then no more. A step that is not possible ends the run with an error. */
export function replay(schedule: readonly Choice[]): Strategy {
  insist(choices, schedule, 'replaying()')
  return (offered) =>
    offered.pipe(
      take(schedule.length),
      map((offers, step) => choose(offers, schedule[step]!)),
    )
}

const choices = listOf(
  'a list of choices: numbers, or names of steps',
  either<Choice>('a choice: a number, or the name of a step', (given) => (typeof given === 'string' ? text : whole(0))),
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
export function interactive(choices: Observable<Choice>): Strategy {
  insist(stream, choices, 'interactive()')
  return (offered) => zip(offered, choices).pipe(map(([offers, choice]) => choose(offers, choice)))
}

const stream = that<Observable<Choice>>('an Observable of choices', isObservable)

/**
 * Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): the thread with the highest priority runs, and `preemptions` times
 * within the first `steps` steps it drops below all others. Finds a bug that needs few preemptions with a probability that can be told.
 * A message belongs to the thread it names as its `task`, or else to its sender.
 */
export function pct(seed: number, plan: Plan): Strategy {
  insist(pctShape, { seed, plan }, 'pct()')
  const { preemptions, steps } = plan
  return picking(() => {
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
}

interface Plan {
  readonly preemptions: number
  readonly steps: number
}

const pctShape = record<{ readonly seed: number; readonly plan: Plan }>({
  seed: u32,
  plan: record<Plan>({ preemptions: whole(0, 1000), steps: whole(1) }),
})

const indexOfLeast = (numbers: readonly number[]): number => numbers.indexOf(Math.min(...numbers))
