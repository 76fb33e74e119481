/**
 * What properties ask a view for. A name that does not exist is an error that says which there are: `undefined`, or an empty list, would be
 * as good as an answer, and a claim about nobody holds.
 */
import { nearest, toChooseFrom } from '../../shapes/nearest.ts'
import { bytes, isBytes, type Bytes } from './described.ts'

/** `name` is one of these. */
export function mustBeAmong(kind: string, name: string, names: readonly string[]): void {
  if (!names.includes(name)) throw unknownName(kind, name, names)
}

function unknownName(kind: string, name: unknown, names: readonly string[]): Error {
  const guess = typeof name === 'string' ? nearest(name, names) : undefined
  const meant = guess === undefined ? '' : ` Did you mean "${guess}"?`
  return new Error(`Unknown ${kind} "${String(name)}".${meant} Known: ${toChooseFrom(names, String(name)) || 'none'}.`)
}

/** An address that a property asks about. */
export const askedFor = (iova: Bytes): bigint => {
  if (!isBytes(iova)) throw new Error(`Not an address: ${String(iova)}. Expected: ${bytes.expected}.`)
  return BigInt(iova)
}

/** The nth of what a call returned so far, from 0 on; undefined before that. */
export const nthOf = <T>(results: readonly T[], nth: number): T | undefined => {
  if (!Number.isSafeInteger(nth) || nth < 0)
    throw new Error(`There is no result number ${nth}: they are counted from 0.`)
  return results[nth]
}

/** Asked by whoever prints or compares an object, or waits for one. */
const anybodys = /^(?:then|toJSON|asymmetricMatch|nodeType|tagName|\$\$.*|@@.*)$/

/**
 * The prototype of a view: it is asked for what the view itself does not have. So `!w.finshed` is an error, and not true.
 *
 *     { __proto__: strict, get finished() { … } }
 */
export const strict: object = new Proxy(Object.prototype, {
  get(target, name, view) {
    if (typeof name === 'symbol' || name in target || anybodys.test(name))
      return Reflect.get(target, name, view) as unknown
    throw unknownName('name', name, Object.keys(view as object))
  },
})
