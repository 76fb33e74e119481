/** What a program learns without being told: the time, and chance. */

export interface Question {
  /** As it is written: `new Date()`. */
  readonly what: string
  /** Where it was asked, from whoever did on. */
  readonly stack: () => string
}

/** Who is asked in place of clock and dice; `real` is what would have been the answer. */
export interface StandIn {
  /** Milliseconds. */
  time(question: Question, real: () => number): number
  /** From 0 up to 1. */
  chance(question: Question, real: () => number): number
  /** A text that nobody else has. */
  name(question: Question, real: () => string): string
}

/** Clock and dice as they are where nobody stands in. */
interface Real {
  readonly time: () => number
  readonly clock: () => number
  readonly chance: () => number
  readonly name: () => string
}

const asItIs = (): Real => {
  const { now } = Date
  const { random } = Math
  return {
    time: now,
    chance: random,
    clock: performance.now.bind(performance),
    name: crypto.randomUUID.bind(crypto),
  }
}

/** Who stands in; undefined: nobody, and whoever has kept what stood in for them is answered by clock and dice. */
let standing: StandIn | undefined
let real = asItIs()

/** How the time is being asked for, if not by `Date.now()`. */
let asDate: { readonly what: string; readonly by: Asking } | undefined

type Asking = (...given: any[]) => unknown

const question = (what: string, by: Asking): Question => ({
  what,
  stack: () => {
    const holder = { stack: '' }
    Error.captureStackTrace(holder, by)
    return holder.stack
  },
})

function time(): number {
  const { what, by } = asDate ?? { what: 'Date.now()', by: time }
  return standing ? standing.time(question(what, by), real.time) : real.time()
}

function chance(): number {
  return standing ? standing.chance(question('Math.random()', chance), real.chance) : real.chance()
}

function clock(): number {
  return standing ? standing.time(question('performance.now()', clock), real.clock) : real.clock()
}

function name(): string {
  return standing ? standing.name(question('crypto.randomUUID()', name), real.name) : real.name()
}

/**
 * Until what is returned is called; who stands in last is the first to leave. Who has kept `Date` is heard as well, but for his `new Date()`. It is
 * done for each step of a search: nothing is made that was made before.
 */
export const standIn = (by: StandIn): (() => void) => {
  const [before, was] = [standing, real]
  standing = by
  // For whom nobody stands in yet.
  if (Date.now === time) {
    return () => {
      standing = before
    }
  }
  const { Date: date } = globalThis
  const [ticks, id] = [ownOf(performance, 'now'), ownOf(crypto, 'randomUUID')]
  const here = (real = asItIs())
  date.now = time
  Math.random = chance
  performance.now = clock
  crypto.randomUUID = name as typeof crypto.randomUUID
  globalThis.Date = asking(date)
  return () => {
    globalThis.Date = date
    date.now = here.time
    Math.random = here.chance
    restore(performance, 'now', ticks)
    restore(crypto, 'randomUUID', id)
    standing = before
    real = was
  }
}

const ownOf = (of: object, field: string): PropertyDescriptor | undefined => Object.getOwnPropertyDescriptor(of, field)

/** What is not its own stands behind it. */
const restore = (of: object, field: string, own: PropertyDescriptor | undefined): void => {
  if (own) Object.defineProperty(of, field, own)
  else Reflect.deleteProperty(of, field)
}

/** Made once for each, and asks for nothing but the `now` of that time: who has kept it has a Date like any other. */
const askings = new WeakMap<DateConstructor, DateConstructor>()

const asking = (date: DateConstructor): DateConstructor => {
  const known = askings.get(date)
  if (known) return known
  const nowFor = (what: string, by: Asking): number => {
    asDate = { what, by }
    try {
      return date.now()
    } finally {
      asDate = undefined
    }
  }
  const made = new Proxy(date, {
    construct: function made(_, given, as): object {
      return Reflect.construct(date, given.length === 0 ? [nowFor('new Date()', made)] : given, as)
    },
    apply: function told(): string {
      return new date(nowFor('Date()', told)).toString()
    },
  })
  askings.set(date, made)
  return made
}
