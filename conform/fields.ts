/** What may stand in a field: checked on the value as it was written, before anybody computes with it. */
import type { Field, FieldType } from '../actors/linux/operations.ts'

const integer = /^(?:0x[\da-f]+|-?\d+)$/i
/** `b0`, `b0+0x1000`, `0x7f0000000000` */
const address = /^(?:[A-Za-z_][\w.-]*(?:\+(?:0x[\da-f]+|\d+))?|0x[\da-f]+|\d+)$/i

const wordOf = (type: FieldType): string => {
  switch (type) {
    case 'fd':
      return 'the name of a descriptor, as "c0"'
    case 'new':
      return 'a name for what is made, as "c0"'
    case 'dev':
      return 'the name of a device, as "edu0"'
    case 'proc':
      return 'the name of a process or thread, as "p0"'
    case 'text':
      return 'a text'
    case 'addr':
      return 'an address: "b0", "b0+0x1000" (a buffer) or a number'
    case 'u64':
      return 'a 64-bit number, as 4096 or "0x1000"'
    case 'int':
      return 'a whole number, as 3 or "0x3"'
    case 'bool':
      return 'true or false'
  }
}

/** In words what a field takes. */
export const expectedOf = ({ type, oneOf }: Field): string =>
  oneOf === undefined ? wordOf(type) : `one of ${oneOf.map((each) => `"${each}"`).join(', ')}`

/** Something to write there. */
export const exampleOf = ({ type, oneOf }: Field): string => {
  if (oneOf !== undefined) return JSON.stringify(oneOf[0])
  const examples = { fd: 'c0', new: 'c0', dev: 'edu0', proc: 'p0', text: '…', addr: 'b0', u64: '0x1000' } as const
  return type === 'int' ? '0' : type === 'bool' ? 'true' : JSON.stringify(examples[type])
}

/** Exactly what was meant, from the most negative signed to the greatest unsigned number of 64 bits; an `int` as far as a double counts. */
const isInteger = (given: unknown, type: 'u64' | 'int'): boolean => {
  const isWritten =
    typeof given === 'number' ? Number.isSafeInteger(given) : typeof given === 'string' && integer.test(given)
  if (!isWritten) return false
  const value = BigInt(given as number | string)
  return type === 'int' ? Number.isSafeInteger(Number(value)) : value >= -(1n << 63n) && value < 1n << 64n
}

/** A JSON number that lost its last digits when it was read. */
export const isInexact = (given: unknown): boolean =>
  typeof given === 'number' && Number.isInteger(given) && !Number.isSafeInteger(given)

export const fits = (given: unknown, { type, oneOf }: Field): boolean => {
  if (oneOf !== undefined) return typeof given === 'string' && oneOf.includes(given)
  switch (type) {
    case 'new':
      return typeof given === 'string' && given !== ''
    case 'fd':
    case 'dev':
    case 'proc':
    case 'text':
      return typeof given === 'string'
    case 'addr':
      return typeof given === 'number' ? isInteger(given, 'u64') : typeof given === 'string' && address.test(given)
    case 'u64':
    case 'int':
      return isInteger(given, type)
    case 'bool':
      return typeof given === 'boolean'
  }
}
