/**
 * A file that asks for the time or for chance while it is read may be another model in each process, and then no address of a run holds in the next one.
 * Whether it is one is seen by reading it again, at another time and with other chances: what reaches no state and no event does no harm.
 */
import { standIn, type Question } from '../process/chance.ts'
import type { Scenario } from './unmap/scenario.ts'

/** What was asked while a file was read, and where. */
export interface Asked {
  readonly what: string
  readonly place: string
}

export class AnotherEachTime extends Error {
  readonly asked: readonly Asked[]

  constructor(path: string, asked: readonly Asked[]) {
    super(`${path} is another model each time that it is read`)
    this.name = 'AnotherEachTime'
    this.asked = asked
  }
}

interface Noted {
  readonly read: unknown
  readonly asked: readonly Asked[]
  /** Reads with other answers than the first time. */
  readonly readOtherwise: (read: () => Promise<unknown>) => Promise<unknown>
}

/** More than a year, a month, a day, an hour, a minute, a second: whatever is made of a time is another. */
const later = (((397 * 24 + 1) * 60 + 1) * 60 + 1) * 1000 + 1

/** `askedAt`: where in the user's files a stack has asked; undefined where somebody else did. */
export const noting = async (
  read: () => Promise<unknown>,
  askedAt: (stack: string) => string | undefined,
): Promise<Noted> => {
  const asked = new Map<string, Asked>()
  const chances: number[] = []
  const note = ({ what, stack }: Question): boolean => {
    const place = askedAt(stack())
    if (place !== undefined) asked.set(`${place} ${what}`, { what, place })
    return place !== undefined
  }
  const first = {
    time(question: Question, real: () => number): number {
      note(question)
      return real()
    },
    chance(question: Question, real: () => number): number {
      const answer = real()
      if (note(question)) chances.push(answer)
      return answer
    },
    name(question: Question, real: () => string): string {
      note(question)
      return real()
    },
  }
  const again = {
    time: ({ stack }: Question, real: () => number) => real() + (askedAt(stack()) === undefined ? 0 : later),
    chance: ({ stack }: Question, real: () => number) =>
      askedAt(stack()) === undefined ? real() : ((chances.shift() ?? real()) + 0.5) % 1,
    name: (_: Question, real: () => string) => real(),
  }
  return {
    read: await during(standIn(first), read),
    asked: [...asked.values()],
    readOtherwise: (other) => during(standIn(again), other),
  }
}

const during = async (leave: () => void, read: () => Promise<unknown>): Promise<unknown> => {
  try {
    return await read()
  } finally {
    leave()
  }
}

/** Throws an AnotherEachTime where what is read again is another model. */
export const insistOnSame = async (
  path: string,
  scenario: Scenario,
  asked: readonly Asked[],
  readAgain: () => Promise<Scenario>,
): Promise<void> => {
  const one = fingerprintOf(scenario)
  // What does not fit is told later, in words of its own.
  if (one === undefined) return
  const other = await readAgain().then(fingerprintOf, () => one)
  if (other !== one) throw new AnotherEachTime(path, asked)
}

const fingerprintOf = (scenario: Scenario): string | undefined => {
  try {
    return scenario.system(scenario.choices.default).fingerprint
  } catch {
    return undefined
  }
}
