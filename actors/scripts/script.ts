/**
 * Scripts: what a task does. Calls one after the other, and whatever nobody in the world decides: which of several ways it goes, whether a call fails.
 * A search looks at all of it. Here scripts are told, and put into the order in which a task comes to them (machines/kernel/tasks/task.ts, and free-task.ts where the way parts).
 *
 *     vmm0: [forever(choose(pin('mdev0', page), [unmap(page, page), map(page, page)]))],
 */
import { ModelError } from '../../explore/errors.ts'
import type { FreeStep } from '../../machines/kernel/tasks/free-task.ts'
import type { Step } from '../../machines/kernel/tasks/task.ts'
import { insist } from '../../shapes/insist.ts'
import { whole } from '../../shapes/shape.ts'
import { choiceId, sideIds } from './choices.ts'

/** What a call is called: a word of ours, or a system call by its own name. */
export type Word = { readonly do: string } | { readonly op: string }

export const wordOf = (call: Word): string => ('op' in call ? call.op : call.do)

/** One of these ways is gone, whichever. */
export interface Choose<Call> {
  readonly do: 'choose'
  readonly ways: readonly (readonly Part<Call>[])[]
}

/** A call, and what to do when it has returned this or that. */
export interface Branch<Call> {
  readonly do: 'branch'
  readonly call: Call | MayFail<Call>
  /** By what it returned. */
  readonly returned: Readonly<Record<string, readonly Part<Call>[]>>
  readonly otherwise: readonly Part<Call>[]
}

/** A loop that nothing ends but `leave`. */
export interface Forever<Call> {
  readonly do: 'forever'
  readonly round: readonly Part<Call>[]
}

/** Goes on behind the innermost loop. */
export interface Leave {
  readonly do: 'leave'
}

/** A call that is made, or fails with one of these results and does nothing. */
export interface MayFail<Call> {
  readonly do: 'mayFail'
  readonly call: Call
  readonly errnos: readonly string[]
}

/** What stands in a script. */
export type Part<Call> = Call | Choose<Call> | Branch<Call> | Forever<Call> | Leave | MayFail<Call>

type Control = Choose<unknown> | Branch<unknown> | Forever<unknown> | Leave | MayFail<unknown>

export const controls = ['choose', 'branch', 'forever', 'leave', 'mayFail'] as const

/** The calls in a part of a script, or in a list of parts. */
export type CallsIn<T> = T extends readonly (infer Each)[]
  ? CallsIn<Each>
  : T extends Choose<infer Call> | Branch<infer Call> | Forever<infer Call> | MayFail<infer Call>
    ? Call
    : T extends Leave
      ? never
      : T

type Parts = readonly object[]

/** One of several ways, whichever: a call, or calls one after the other. Every search goes all of them. */
export const choose = <Ways extends readonly (object | Parts)[]>(...ways: Ways): Choose<CallsIn<Ways>> => ({
  do: 'choose',
  ways: ways.map((way) => (Array.isArray(way) ? way : [way])) as Choose<CallsIn<Ways>>['ways'],
})

/** Makes a call, and goes on by what it returned (`{ '-EBUSY': [close('mdev0')], 0: [] }`); with anything else, as `otherwise` says. */
export const branch = <Call extends object, By extends Readonly<Record<string, Parts>>, Otherwise extends Parts = []>(
  call: Call,
  returned: By,
  otherwise?: Otherwise,
): Branch<CallsIn<Call> | CallsIn<By[keyof By]> | CallsIn<Otherwise>> =>
  ({ do: 'branch', call, returned, otherwise: otherwise ?? [] }) as Branch<any>

/** Does this again and again. What the calls of a round returned is forgotten when the next one begins, so that the loop is a circle of states. */
export const forever = <Round extends Parts>(...round: Round): Forever<CallsIn<Round>> =>
  ({ do: 'forever', round }) as Forever<any>

/** Ends the loop that it stands in. */
export const leave = (): Leave => ({ do: 'leave' })

/** Makes a call; or it fails with one of these results, and nothing is done. Every search looks at all of that. */
export const mayFail = <Call extends object>(call: Call, ...errnos: readonly string[]): MayFail<Call> => ({
  do: 'mayFail',
  call,
  errnos,
})

/** A script that does the same several times; throws a ModelError when that is no number of times. */
export const times = <C>(count: number, ...calls: readonly C[]): C[] => {
  insist(timesShape, count, 'times()')
  return Array.from({ length: count }, () => calls).flat()
}

const timesShape = whole(0, 1000)

const isControl = (part: unknown): part is Control => (controls as readonly unknown[]).includes((part as Control).do)

export interface Placed<Call> {
  readonly call: Call
  readonly at: readonly (string | number)[]
}

/** Every call of a script, and where it stands. */
export const placed = <Call>(script: readonly Part<Call>[]): readonly Placed<Call>[] =>
  script.flatMap((part, index) => within(part).map(({ call, at }) => ({ call, at: [index, ...at] })))

function within<Call>(part: Part<Call>): readonly Placed<Call>[] {
  if (!isControl(part)) return [{ call: part, at: [] }]
  const control = part as Exclude<Part<Call>, Call>
  const under = (field: string | number, found: readonly Placed<Call>[]) =>
    found.map(({ call, at }) => ({ call, at: [field, ...at] }))
  switch (control.do) {
    case 'choose':
      return under(
        'ways',
        control.ways.flatMap((way, index) => under(index, placed(way))),
      )
    case 'branch':
      return [
        ...under('call', within(control.call)),
        ...under(
          'returned',
          Object.entries(control.returned).flatMap(([ret, parts]) => under(ret, placed(parts))),
        ),
        ...under('otherwise', placed(control.otherwise)),
      ]
    case 'forever':
      return under('round', placed(control.round))
    case 'mayFail':
      return under('call', within(control.call))
    case 'leave':
      return []
  }
}

/** The same script with other calls. */
export const mapCalls = <From, To>(script: readonly Part<From>[], made: (call: From) => To): readonly Part<To>[] => {
  const all = (parts: readonly Part<From>[]): readonly Part<To>[] => parts.map(within)
  const within = (part: Part<From>): Part<To> => {
    if (!isControl(part)) return made(part)
    const control = part as Exclude<Part<From>, From>
    switch (control.do) {
      case 'choose':
        return { ...control, ways: control.ways.map(all) }
      case 'branch':
        return {
          ...control,
          call: within(control.call) as To | MayFail<To>,
          returned: Object.fromEntries(Object.entries(control.returned).map(([ret, parts]) => [ret, all(parts)])),
          otherwise: all(control.otherwise),
        }
      case 'forever':
        return { ...control, round: all(control.round) }
      case 'mayFail':
        return { ...control, call: made(control.call) }
      case 'leave':
        return control
    }
  }
  return all(script)
}

/**
 * A script as a task takes it, step after step. `stepFor` says what a call is here; undefined: there is nothing to do. Throws a ModelError when a
 * loop has nothing to do.
 */
export const stepsOf = <Call extends Word>(
  task: string,
  script: readonly Part<Call>[],
  stepFor: (call: Call) => Step | undefined,
): readonly FreeStep[] => {
  const steps = new Compiler(task, stepFor)
  steps.all(script, undefined)
  return steps.made
}

class Compiler<Call extends Word> {
  readonly made: FreeStep[] = []
  readonly #task: string
  readonly #stepFor: (call: Call) => Step | undefined

  constructor(task: string, stepFor: (call: Call) => Step | undefined) {
    this.#task = task
    this.#stepFor = stepFor
  }

  /** `left`: where those stand who leave the loop around. */
  all(parts: readonly Part<Call>[], left: number[] | undefined): void {
    for (const part of parts) this.#part(part, left)
  }

  #part(part: Part<Call>, left: number[] | undefined): void {
    if (!isControl(part)) return void this.#call(part)
    const control = part as Exclude<Part<Call>, Call>
    switch (control.do) {
      case 'choose':
        return this.#choose(control.ways.map((way) => [this.#says(way), () => this.all(way, left)]))
      case 'mayFail':
        return void this.#mayFail(control)
      case 'branch':
        return this.#branch(control, left)
      case 'forever':
        return this.#forever(control)
      case 'leave':
        left!.push(this.#add({ goto: 0 }))
    }
  }

  /** Is there anything to do? */
  #call(call: Call): boolean {
    const step = this.#stepFor(call)
    if (step) this.#add({ as: wordOf(call), ...step })
    return step !== undefined
  }

  #mayFail({ call, errnos }: MayFail<Call>): true {
    this.#choose([
      [wordOf(call), () => this.#call(call)],
      ...errnos.map((ret) => [`${wordOf(call)} fails: ${ret}`, () => this.#add({ fails: wordOf(call), ret })] as const),
    ])
    return true
  }

  #choose(ways: readonly (readonly [says: string, make: () => unknown])[]): void {
    const choose: number[] = []
    const [of, sides] = [choiceId(this.#task, ways.length), sideIds(this.#task, ways.length)]
    this.#add({ choose, of, sides, says: ways.map(([says]) => says) })
    const ends = ways.map(([, make]) => {
      choose.push(this.made.length)
      make()
      return this.#add({ goto: 0 })
    })
    this.#land(ends)
  }

  #branch({ call, returned, otherwise }: Branch<Call>, left: number[] | undefined): void {
    const isMade = isControl(call) ? this.#mayFail(call as MayFail<Call>) : this.#call(call)
    // Where there is nothing to do, nothing is returned.
    if (!isMade) return this.all(otherwise, left)
    const targets: Record<string, number> = {}
    const at = this.#add({ branch: targets, otherwise: 0 })
    const ends = Object.entries(returned).map(([ret, parts]) => {
      targets[ret] = this.made.length
      this.all(parts, left)
      return this.#add({ goto: 0 })
    })
    this.made[at] = { branch: targets, otherwise: this.made.length }
    this.all(otherwise, left)
    this.#land(ends)
  }

  #forever({ round }: Forever<Call>): void {
    this.#add({ enter: true })
    const begin = this.made.length
    const left: number[] = []
    this.all(round, left)
    if (!this.made.slice(begin).some((step) => 'call' in step || 'choose' in step)) throw nothingToDo(this.#task)
    this.#add({ again: begin })
    this.#land(left)
    this.#add({ exit: true })
  }

  #add(step: FreeStep): number {
    return this.made.push(step) - 1
  }

  /** They go on here. */
  #land(places: readonly number[]): void {
    for (const place of places) this.made[place] = { goto: this.made.length }
  }

  #says(way: readonly Part<Call>[]): string {
    return (
      way
        .map((part) => wordOf(isControl(part) && part.do === 'mayFail' ? (part.call as Call) : (part as Call)))
        .join(', ') || 'nothing'
    )
  }
}

const nothingToDo = (task: string): ModelError =>
  new ModelError(
    'bad-description',
    `A loop of ${task} has nothing to do.`,
    [],
    'No call of it does anything in this protocol: it would go round for ever, and nobody could come in between.',
  )
