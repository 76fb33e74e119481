/** Seeded choices, and the ways in which a text or a value goes wrong. The same seed makes the same input on every machine. */
import { dice, type Dice } from '../../streams/dice.ts'

export interface Chance {
  readonly upTo: Dice
  pick<Each>(of: readonly Each[]): Each
  /** In one of so many cases. */
  oneIn(sides: number): boolean
}

export const chanceFrom = (seed: number): Chance => {
  const upTo = dice(seed)
  return { upTo, pick: (of) => of[upTo(of.length)]!, oneIn: (sides) => upTo(sides) === 0 }
}

/** Words that mean something somewhere: to JavaScript, to a terminal, to a path, to a number. All of them are harmless. */
export const oddWords = [
  '',
  ' ',
  '0',
  '-0',
  '-1',
  '00',
  '0x01',
  '1e999',
  '0.5',
  'NaN',
  'Infinity',
  '4294967296',
  '9007199254740993',
  '99999999999999999999999999',
  'null',
  'undefined',
  'true',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '--',
  '-',
  '@',
  ',',
  '=',
  ',=',
  '.',
  '..',
  './',
  '*',
  'stale-dma',
  'restart',
  'nobody',
  '\u001b[31mred\u001b[0m',
  '\u009b2J',
  'a\tb\rc',
  '\u202edlrow',
  'é',
  'x'.repeat(300),
] as const

/** One slip in a text: a character that is missing, doubled, changed or from elsewhere; two that stand the wrong way round. */
export const slipIn = (chance: Chance, text: string): string => {
  const at = chance.upTo(text.length + 1)
  const before = text.slice(0, at)
  const after = text.slice(at)
  switch (chance.upTo(6)) {
    case 0:
      return before + after.slice(1)
    case 1:
      return before + text.slice(at, at + 1).repeat(2) + after.slice(1)
    case 2:
      return before + chance.pick(oddWords) + after
    case 3:
      return before + chance.pick([...'0123456789abcxyz.,=@:-_/']) + after.slice(1)
    case 4:
      return before
    default:
      return before + after.slice(1, 2) + after.slice(0, 1) + after.slice(2)
  }
}

/** What may stand in the place of a value, as JSON has it. */
const oddValues = (chance: Chance): unknown =>
  chance.pick<unknown>([
    null,
    true,
    false,
    0,
    -1,
    0.5,
    2 ** 31,
    2 ** 32,
    Number.MAX_SAFE_INTEGER,
    1e300,
    [],
    {},
    [null],
    { nothing: 1 },
    chance.pick(oddWords),
  ])

export type Path = readonly (string | number)[]

/** One change of a JSON value: where, and whether it is a name nobody knows, a value of another kind, or something left out. */
export interface Change {
  readonly what: 'misspelt' | 'retyped' | 'left out' | 'added'
  readonly at: Path
  readonly value: unknown
}

const places = (value: unknown, at: Path = []): Path[] =>
  typeof value !== 'object' || value === null
    ? [at]
    : [
        at,
        ...Object.entries(value).flatMap(([name, field]) =>
          places(field, [...at, Array.isArray(value) ? Number(name) : name]),
        ),
      ]

/** The record or list at a place, in a copy that may be changed. */
const holderOf = (value: unknown, at: Path): Record<string | number, unknown> =>
  at.slice(0, -1).reduce<unknown>((held, name) => (held as Record<string | number, unknown>)[name], value) as never

/** A copy of a JSON value with one thing in it that is not as it was. */
export const changeIn = (chance: Chance, value: unknown): Change => {
  const copy = structuredClone(value)
  const all = places(copy).filter((path) => path.length > 0)
  const at = chance.pick(all)
  const holder = holderOf(copy, at)
  const name = at.at(-1)!
  switch (chance.upTo(4)) {
    case 0: {
      if (typeof name === 'number') break
      const { [name]: field } = holder
      delete holder[name]
      holder[`${name}x`] = field
      return { what: 'misspelt', at, value: copy }
    }
    case 1: {
      if (Array.isArray(holder)) holder.splice(Number(name), 1)
      else delete holder[name]
      return { what: 'left out', at, value: copy }
    }
    case 2: {
      if (Array.isArray(holder)) holder.splice(Number(name), 0, oddValues(chance))
      else holder[chance.pick(['', 'constructor', '__proto__x', 'more', `${name}s`])] = oddValues(chance)
      return { what: 'added', at, value: copy }
    }
  }
  holder[name] = oddValues(chance)
  return { what: 'retyped', at, value: copy }
}
