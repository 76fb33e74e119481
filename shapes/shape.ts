/**
 * What a person may hand in, told once beside its type. valibot does the checking; what is expected is told in our own words.
 *
 *   const driverShape = record<DriverDescription>({
 *     driver: oneOf(behaviours),
 *     open: optional(flag),
 *     pinned: optional(listOf('pages', bytes)),
 *   })
 *   insist(driverShape, given, 'linux()') // ModelError: linux(): pined is not known. Did you mean "pinned"?
 *
 * A shape is exactly of its type: a field that the type has and the shape has not, or the other way round, a value that only one of them
 * knows, an `optional` too many or too few do not compile.
 */
import * as v from 'valibot'
import { misspelt, toChooseFrom } from './nearest.ts'
import { note, type Noted } from './noted.ts'

declare const exactly: unique symbol

interface Told<in out T> {
  readonly schema: v.GenericSchema
  /** What is expected, as a phrase: `a whole number from 0 to 10`. */
  readonly expected: string
  /** Never there: it keeps a shape from being taken for one of a wider or a narrower type. */
  readonly [exactly]?: (given: T) => T
}

export interface Shape<in out T> extends Told<T> {
  readonly optional?: never
}

/** Of a field that may be left out. */
export interface Optional<in out T> extends Told<T> {
  readonly optional: true
}

/** The shapes of all fields of a record. */
export type FieldsOf<T> = {
  readonly [K in keyof T]-?: undefined extends T[K] ? Optional<Exclude<T[K], undefined>> : Shape<T[K]>
}

/** An object as one writes it, and not a list, a promise, a Map or what else is an object. */
const isRecord = (given: unknown): given is Readonly<Record<string, unknown>> => {
  if (typeof given !== 'object' || given === null) return false
  const prototype: unknown = Object.getPrototypeOf(given)
  // One made elsewhere (another realm: a test runner's) has an Object.prototype of its own.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const wrong = (expected: string, known?: readonly string[]) => note({ is: 'wrong', expected, ...(known && { known }) })

export const optional = <T>({ schema, expected }: Shape<T>): Optional<T> => ({
  schema: v.optional(schema),
  expected,
  optional: true,
})

export const orNull = <T>({ schema, expected }: Shape<T>): Shape<T | null> => ({
  schema: v.nullable(schema),
  expected: `${expected}, or null`,
})

/** Whatever `is` says yes to. */
export const that = <T>(expected: string, is: (given: unknown) => boolean): Shape<T> => ({
  schema: v.custom<T>(is, wrong(expected)),
  expected,
})

export const flag: Shape<boolean> = {
  schema: v.boolean(wrong('true or false')),
  expected: 'true or false',
}

/** Neither looked at nor missed. */
export const anything: Optional<any> = { schema: v.optional(v.any()), expected: 'anything', optional: true }

export const text: Shape<string> = { schema: v.string(wrong('text')), expected: 'text' }

/** A text that is not empty. */
export const name = (expected = 'a name'): Shape<string> => ({
  schema: v.pipe(v.string(wrong(expected)), v.nonEmpty(wrong(expected))),
  expected,
})

/** A function; what it takes and gives is seen when it is called. */
export const callable = <F extends (...args: never[]) => unknown>(expected = 'a function'): Shape<F> => ({
  schema: v.function(wrong(expected)),
  expected,
})

/** A whole number that a number can hold exactly, from `least` to `most`. */
export const whole = (least: number, most = Number.MAX_SAFE_INTEGER): Shape<number> => {
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`
  const expected = least === Number.MIN_SAFE_INTEGER ? 'a whole number' : `a whole number ${range}`
  const told = wrong(expected)
  return {
    schema: v.pipe(v.number(told), v.safeInteger(told), v.minValue(least, told), v.maxValue(most, told)),
    expected,
  }
}

/** 32 bits: a seed, flags. */
export const u32 = whole(0, 0xffff_ffff)

/** One of these words, or of these numbers. */
export const oneOf = <const T extends string | number>(values: readonly T[]): Shape<T> => {
  const expected = values.length === 1 ? said(values[0]!) : `one of ${values.map(said).join(', ')}`
  return { schema: v.picklist(values, wrong(expected, values.map(String))), expected }
}

const said = (value: string | number): string => `${value}`

/** A record with these fields and no others. */
export const record = <T extends object>(fields: FieldsOf<T>, expected?: string): Shape<T> => {
  const shapes: Readonly<Record<string, Told<any>>> = fields
  const known = Object.keys(shapes)
  const phrase = expected ?? `{ ${known.join(', ')} }`
  const entries = Object.fromEntries(known.map((field) => [field, shapes[field]!.schema]))
  const field = note((issue): Noted => {
    const of = String(issue.path?.at(-1)?.key)
    return issue.expected === 'never'
      ? { is: 'unknown', expected: toChooseFrom(known, of), known }
      : { is: 'missing', expected: shapes[of]?.expected ?? phrase }
  })
  return { schema: v.pipe(v.custom(isRecord, wrong(phrase)), v.strictObject(entries, field)), expected: phrase }
}

/** A record with these fields, and whatever others. */
export const atLeast = <T extends object>(fields: FieldsOf<T>, expected: string): Shape<T> => {
  const shapes: Readonly<Record<string, Told<any>>> = fields
  const entries = Object.fromEntries(Object.entries(shapes).map(([field, { schema }]) => [field, schema]))
  const missing = note((issue): Noted => {
    const field = String(issue.path?.at(-1)?.key)
    return { is: 'missing', expected: shapes[field]?.expected ?? expected }
  })
  return { schema: v.pipe(v.custom(isRecord, wrong(expected)), v.looseObject(entries, missing)), expected }
}

/** The same fields, each of which may be left out. */
export const loosened = <T>(fields: FieldsOf<T>): FieldsOf<Partial<T>> =>
  Object.fromEntries(
    Object.entries<Told<any>>(fields).map(([of, shape]) => [of, 'optional' in shape ? shape : optional(shape)]),
  ) as unknown as FieldsOf<Partial<T>>

/**
 * Whatever has these members, an instance of a class too. It is part of somebody's program and may have others of its own; what looks like one
 * of these misspelt it has not.
 */
export const members = <T extends object>(fields: FieldsOf<T>, expected: string): Shape<T> => {
  const shapes: Readonly<Record<string, Told<any>>> = fields
  const known = Object.keys(shapes)
  const missing = note((issue): Noted => ({
    is: 'missing',
    expected: shapes[String(issue.path?.at(-1)?.key)]?.expected ?? expected,
  }))
  const loose = v.pipe(
    v.custom<object>((given) => typeof given === 'object' && given !== null, wrong(expected)),
    v.rawCheck(({ dataset: { typed, value }, addIssue }) => {
      const slip = typed ? namesOf(value).find((each) => !known.includes(each) && misspelt(each, known)) : undefined
      if (slip === undefined) return
      addIssue({
        message: note({ is: 'unknown', expected: toChooseFrom(known, slip), known }),
        path: pathTo(value, [slip]),
      })
    }),
    v.looseObject(Object.fromEntries(known.map((field) => [field, shapes[field]!.schema])), missing),
  )
  return { schema: loose, expected }
}

/** A description with these fields and no others; or an instance of a class, which has members of its own. */
export const recordOrInstance = <T extends object>(fields: FieldsOf<T>, expected: string): Shape<T> => {
  const [description, instance] = [record(fields, expected), members(fields, expected)]
  return { schema: v.lazy((given) => (isRecord(given) ? description.schema : instance.schema)), expected }
}

/** Its own names, and those of its classes. */
const namesOf = (given: object | null): readonly string[] =>
  given === null || given === Object.prototype
    ? []
    : [...Object.getOwnPropertyNames(given), ...namesOf(Object.getPrototypeOf(given) as object | null)]

/** The same, each field only where something is to be different: `{ walk: 'safe' }`. */
export const partOf = <T extends object>(fields: FieldsOf<T>, expected?: string): Shape<Partial<T>> => {
  const shapes: Readonly<Record<string, Told<any>>> = fields
  // `undefined` is a value here: it would be put in place of what was there.
  const some = Object.entries(shapes).map(([of, shape]) => [of, { ...shape, schema: v.exactOptional(shape.schema) }])
  return record<any>(Object.fromEntries(some), expected) as Shape<Partial<T>>
}

/** Names that every object has, which valibot passes over. */
const everyObjects = ['constructor', 'prototype', '__proto__', '']

/** Things by name. */
export const byName = <T>(expected: string, each: Shape<T>): Shape<Readonly<Record<string, T>>> => ({
  schema: v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(isRecord, wrong(expected)),
    v.rawCheck(({ dataset: { typed, value }, addIssue }) => {
      const bad = typed ? everyObjects.find((each) => Object.hasOwn(value, each)) : undefined
      if (bad === undefined) return
      const path = pathTo(value, [bad])
      addIssue({ message: note({ is: 'unknown', expected: 'a name that not every object has' }), path })
    }),
    v.record(v.string(), each.schema),
  ),
  expected,
})

/** Where a rule found something, as valibot wants it. */
const pathTo = (
  input: unknown,
  keys: readonly (string | number)[],
): [v.IssuePathItem, ...v.IssuePathItem[]] | undefined => {
  const [first, ...rest] = keys.map((key, index) => {
    const value = keys.slice(0, index + 1).reduce<any>((inside, each) => inside?.[each], input)
    return { type: 'unknown', origin: 'value', input, key, value } as const
  })
  return first && [first, ...rest]
}

export const listOf = <T>(expected: string, each: Shape<T>): Shape<readonly T[]> => ({
  schema: v.array(each.schema, wrong(expected)),
  expected,
})

/** One of several shapes, by how what is given looks. */
export const either = <T>(expected: string, choose: (given: unknown) => Shape<any>): Shape<T> => ({
  schema: v.lazy((given) => choose(given).schema),
  expected,
})

/** Those records of T whose field says so. */
type OfKind<T, K extends keyof T, Kind> = T extends unknown ? (Kind extends T[K] ? T : never) : never

/** A shape for each kind of records that are told by one field. */
export type KindsOf<T extends object, K extends keyof T & string> = {
  readonly [Kind in T[K] & string]: Shape<OfKind<T, K, Kind>>
}

/** Records of several kinds, each told by the same field. */
export const ofKind = <T extends object, K extends keyof T & string>(
  key: K,
  kinds: KindsOf<T, K>,
  expected: string,
): Shape<T> => {
  const shapes: Readonly<Record<string, Shape<any>>> = kinds
  const any = atLeast<object>({ [key]: oneOf(Object.keys(shapes)) }, expected).schema
  const kindOf = (given: unknown): string => (isRecord(given) ? String(given[key]) : '')
  return {
    schema: v.lazy((given) => (Object.hasOwn(shapes, kindOf(given)) ? shapes[kindOf(given)]!.schema : any)),
    expected,
  }
}

/** A list with one element at least, and none twice. */
export const oneOrMore = <T extends string | number>(expected: string, each: Shape<T>): Shape<readonly T[]> =>
  such(
    listOf(expected, each),
    (given) => (given.length === 0 ? { at: [], fault: 'is empty', expected } : undefined),
    (given) => {
      const again = given.findIndex((value, index) => given.indexOf(value) < index)
      return again < 0 ? undefined : { at: [again], fault: `is there twice: ${given[again]}`, expected }
    },
  )

/** Of things by name there has to be one. */
export const some = <T>(
  { schema }: Shape<Readonly<Record<string, T>>>,
  atLeast: string,
): Shape<Readonly<Record<string, T>>> => ({
  schema: v.pipe(
    schema,
    v.check((given) => Object.keys(given as object).length > 0, wrong(atLeast)),
  ),
  expected: atLeast,
})

/** What a rule finds wrong with something whose fields are all right by themselves. */
export interface Broken extends Omit<Noted, 'is'> {
  /** It is the name there that is wrong, and not what has it. */
  readonly is?: 'unknown'
  /** Where, from there. */
  readonly at: readonly (string | number)[]
}

/** The shape, and what one field of it says about another. Rules are asked in turn, once every field is right by itself. */
export const such = <T>(
  { schema, expected }: Shape<T>,
  ...rules: readonly ((given: T) => Broken | undefined)[]
): Shape<T> => ({
  schema: v.pipe(
    schema,
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed || dataset.issues) return
      const given = dataset.value as T
      const broken = rules.map((rule) => rule(given)).find((each) => each !== undefined)
      if (!broken) return
      const { at, ...told } = broken
      const path = pathTo(given, at)
      const found = path ? path.at(-1)!.value : given
      addIssue({ message: note({ is: 'wrong', ...told }), input: found, ...(path && { path }) })
    }),
  ),
  expected,
})
