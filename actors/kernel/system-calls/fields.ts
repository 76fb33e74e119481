/** What may stand in a field: checked on the value as it was written, before anybody computes with it. */
import type { Field, FieldType } from './operations.ts'

/** A letter first, as in addresses; and no name that every object has. */
const isName = (given: string): boolean => /^[A-Za-z_][\w.-]*$/.test(given) && !(given in Object.prototype)

/** What 64 bits hold takes twenty digits. */
const longestNumeral = 40

const isNumeral = (given: unknown): given is string =>
  typeof given === 'string' && given.length <= longestNumeral && integer.test(given)

const integer = /^(?:0x[\da-f]+|-?\d+)$/i
/** `b0`, `b0+0x1000`, `0x7f0000000000` */
const address = /^(?:[A-Za-z_][\w.-]*(?:\+(?:0x[\da-f]+|\d+))?|0x[\da-f]+|\d+)$/i

const wordOf = (type: FieldType): string => {
  switch (type) {
    case 'fd':
      return 'the name of a descriptor, as "c0"'
    case 'new':
      return 'a name for what is made (letters, digits, _ . -), as "c0"'
    case 'dev':
      return 'the name of a device, as "edu0"'
    case 'proc':
      return 'the name of a process or thread, as "p0"'
    case 'text':
      return 'a text'
    case 'word':
      return '"get", "set", "clear", or the number of another operation'
    case 'addr':
      return 'an address: "b0", "b0+0x1000" (a buffer) or a number'
    case 'u64':
      return 'a 64-bit number that is not negative, as 4096 or "0x1000"'
    case 'long':
      return 'a 64-bit number, as 4096 or "0x1000"'
    case 'int':
      return 'a whole number of 32 bits, as 3 or "0x3"'
    case 'bool':
      return 'true or false'
  }
}

/** In words what a field takes. */
export const expectedOf = ({ type, oneOf, least, most }: Field): string => {
  if (oneOf !== undefined) return `one of ${oneOf.map((each) => `"${each}"`).join(', ')}`
  return most === undefined ? wordOf(type) : `a whole number from ${least ?? 0} to ${most}`
}

/** Something to write there. */
export const exampleOf = ({ type, oneOf }: Field): string => {
  if (oneOf !== undefined) return JSON.stringify(oneOf[0])
  const examples = {
    fd: 'c0',
    new: 'c0',
    dev: 'edu0',
    proc: 'p0',
    text: '…',
    word: 'get',
    addr: 'b0',
    u64: '0x1000',
    long: '0x1000',
  } as const
  return type === 'int' ? '0' : type === 'bool' ? 'true' : JSON.stringify(examples[type])
}

/** What 64 bits hold, and what they and C's int and u32 hold whichever of both signs is meant. */
const range = {
  u64: [0n, (1n << 64n) - 1n],
  long: [-(1n << 63n), (1n << 64n) - 1n],
  int: [-(1n << 31n), (1n << 32n) - 1n],
} as const

/** Exactly what was meant, and no more than there is room for. */
const isInteger = (
  given: unknown,
  type: keyof typeof range,
  { least, most }: Pick<Field, 'least' | 'most'> = {},
): boolean => {
  const isWritten = typeof given === 'number' ? Number.isSafeInteger(given) : isNumeral(given)
  if (!isWritten) return false
  const value = BigInt(given as number | string)
  return value >= (least ?? range[type][0]) && value <= (most ?? range[type][1])
}

/** A JSON number that lost its last digits when it was read. */
export const isInexact = (given: unknown): boolean =>
  typeof given === 'number' && Number.isInteger(given) && !Number.isSafeInteger(given)

export const fits = (given: unknown, { type, oneOf, ...bounds }: Field): boolean => {
  if (oneOf !== undefined) return typeof given === 'string' && oneOf.includes(given)
  switch (type) {
    case 'new':
      return typeof given === 'string' && isName(given)
    case 'fd':
    case 'dev':
    case 'proc':
    case 'text':
      return typeof given === 'string'
    case 'word':
      return given === 'get' || given === 'set' || given === 'clear' || isInteger(given, 'int')
    case 'addr':
      return typeof given === 'number' ? isInteger(given, 'u64') : typeof given === 'string' && address.test(given)
    case 'u64':
    case 'long':
    case 'int':
      return isInteger(given, type, bounds)
    case 'bool':
      return typeof given === 'boolean'
  }
}
