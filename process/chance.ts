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

type Asking = (...given: any[]) => unknown

/** Until what is returned is called. Who has kept `Date` is heard as well, but for his `new Date()`. */
export const standIn = (standing: StandIn): (() => void) => {
  const { Date: date } = globalThis
  const undo = [
    replaced(
      date,
      'now',
      (real) =>
        function now() {
          return standing.time({ what: asDate?.what ?? 'Date.now()', stack: stackAbove(asDate?.by ?? now) }, real)
        },
    ),
    replaced(
      Math,
      'random',
      (real) =>
        function random() {
          return standing.chance({ what: 'Math.random()', stack: stackAbove(random) }, real)
        },
    ),
    replaced(
      performance,
      'now',
      (real) =>
        function now() {
          return standing.time({ what: 'performance.now()', stack: stackAbove(now) }, real)
        },
    ),
    replaced(
      crypto,
      'randomUUID',
      (real) =>
        function randomUUID() {
          return standing.name({ what: 'crypto.randomUUID()', stack: stackAbove(randomUUID) }, real)
        },
    ),
  ]
  globalThis.Date = asking(date)
  return () => {
    globalThis.Date = date
    for (const each of undo) each()
  }
}

const replaced = (of: object, name: string, by: (real: any) => Asking): (() => void) => {
  const own = Object.getOwnPropertyDescriptor(of, name)
  const real: Asking = Reflect.get(of, name)
  Reflect.set(of, name, by(real.bind(of)))
  return () => (own ? Object.defineProperty(of, name, own) : Reflect.deleteProperty(of, name))
}

const stackAbove = (by: Asking) => (): string => {
  const holder = { stack: '' }
  Error.captureStackTrace(holder, by)
  return holder.stack
}

/** How `now` is being asked for, if not by its name. */
let asDate: { readonly what: string; readonly by: Asking } | undefined

/** Made once for each, and asks for nothing but the `now` of that time: who has kept it has a Date like any other. */
const askings = new WeakMap<DateConstructor, DateConstructor>()

const asking = (date: DateConstructor): DateConstructor => {
  const nowFor = (what: string, by: Asking): number => {
    asDate = { what, by }
    try {
      return date.now()
    } finally {
      asDate = undefined
    }
  }
  const handler: ProxyHandler<DateConstructor> = {
    construct: function made(_, given, as): object {
      return Reflect.construct(date, given.length === 0 ? [nowFor('new Date()', made)] : given, as)
    },
    apply: function told(): string {
      return new date(nowFor('Date()', told)).toString()
    },
  }
  const known = askings.get(date) ?? new Proxy(date, handler)
  askings.set(date, known)
  return known
}
