/** Is this a case? Checks what a line holds, from the outside in, and says what is wrong first. */
import { profileNames } from '../machines/profile.ts'
import type { Case, Race } from './case.ts'
import { exampleOf, expectedOf, fits, isInexact } from './fields.ts'
import type { Problem } from './malformed.ts'
import { common, operations, type Field } from '../actors/linux/operations.ts'
import { misfit, resultFields } from './results.ts'

/** Thrown where it is found; read.ts and index.ts know the place. */
export class Wrong extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.fact)
    this.name = 'Wrong'
    this.problem = problem
  }
}

const wrong = (problem: Problem): never => {
  throw new Wrong(problem)
}

type Bag = Readonly<Record<string, unknown>>

const isBag = (x: unknown): x is Bag => typeof x === 'object' && x !== null && !Array.isArray(x)

const anyCase = ['name', 'note', 'profile', 'ops'] as const
const caseFields = [...anyCase, 'seed', 'results']
const raceFields = [...anyCase, 'reps', 'outcomes']

export const checkCase = (given: unknown): Case | Race => {
  if (!isBag(given))
    return wrong({
      of: 'the case',
      fact: 'is no record',
      expected: '{"name": …, "ops": […], "results": […]}',
      found: given,
    })
  const isRace = 'outcomes' in given || 'reps' in given
  const known = isRace ? raceFields : caseFields
  const stranger = Object.keys(given).find((field) => !known.includes(field))
  if (stranger !== undefined) unknownField('the case', stranger, known, given[stranger])
  checkHead(given)
  const ops = checkOps(given['ops'], new Set(noSuchProcess(given['results'])))
  if (isRace) checkRace(given, ops)
  else if (given['results'] !== undefined) checkResults(given['results'], ops, 'results')
  return given as unknown as Case | Race
}

const checkHead = ({ name, note, profile, seed }: Bag): void => {
  if (typeof name !== 'string' || name === '')
    wrong({
      of: 'the case',
      field: 'name',
      fact: name === undefined ? 'has no "name"' : 'has a "name" that is no name',
      expected: 'a text, as "map.two_pages"',
      found: name,
      attempt: 'begin the line with {"name": "map.two_pages", "ops": …',
    })
  if (note !== undefined && typeof note !== 'string')
    wrong({ of: 'the case', field: 'note', fact: 'has a "note" that is no text', expected: 'a text', found: note })
  if (seed !== undefined && typeof seed !== 'number')
    wrong({ of: 'the case', field: 'seed', fact: 'has a "seed" that is no number', expected: 'a number', found: seed })
  if (profile === undefined || profileNames.some((known) => known === profile)) return
  wrong({
    of: 'the case',
    field: 'profile',
    fact: 'is about an unknown kernel',
    expected: 'a profile',
    found: profile,
    word: typeof profile === 'string' ? profile : '',
    known: profileNames,
  })
}

const checkOps = (given: unknown, noSuch: ReadonlySet<number>): readonly Bag[] => {
  if (!Array.isArray(given) || given.length === 0)
    return wrong({
      of: 'the case',
      field: 'ops',
      fact:
        given === undefined ? 'has no "ops"' : Array.isArray(given) ? 'has no operation' : 'has "ops" that are no list',
      expected: 'a list of operations',
      found: given,
      attempt: 'write "ops": [{"op": "open_container", "as": "c0"}, …]',
    })
  const processes = new Set(['p0'])
  given.forEach((op: unknown, index) => {
    checkOp(op, index)
    if (!noSuch.has(index)) checkProcess(op as Bag, index, processes)
    const { op: what, as } = op as Bag
    if (what === 'fork' || what === 'thread') processes.add(String(as))
  })
  return given as readonly Bag[]
}

const called = (index: number, op: unknown): string => (typeof op === 'string' ? `op ${index} (${op})` : `op ${index}`)

const checkOp = (op: unknown, index: number): void => {
  if (!isBag(op) || typeof op['op'] !== 'string')
    return wrong({
      of: called(index, undefined),
      field: 'op',
      fact: isBag(op) ? (op['op'] === undefined ? 'has no "op"' : 'has an "op" that is no name') : 'is no record',
      expected: 'the name of an operation, as {"op": "open_container", "as": "c0"}',
      found: isBag(op) ? op['op'] : op,
      attempt: 'write which operation it is: "op": "map_dma"',
    })
  const { op: name } = op as { op: string }
  if (!Object.hasOwn(operations, name))
    wrong({
      of: called(index, undefined),
      field: 'op',
      fact: 'is an unknown operation',
      expected: 'the name of an operation',
      found: name,
      word: name,
      known: Object.keys(operations),
    })
  const fields = fieldsOf(name)
  for (const [field, value] of Object.entries(op)) {
    if (field === 'op') continue
    if (!Object.hasOwn(fields, field)) unknownField(called(index, name), field, Object.keys(fields), value)
    checkField(called(index, name), field, value, fields[field]!)
  }
  for (const [field, wanted] of Object.entries(fields)) {
    if (wanted.needed !== true || field in op) continue
    wrong({
      of: called(index, name),
      field,
      fact: `has no "${field}"`,
      expected: expectedOf(wanted),
      found: op,
      attempt: `add "${field}": ${exampleOf(wanted)}`,
    })
  }
}

const known = new Map<string, Readonly<Record<string, Field>>>()

const fieldsOf = (name: string): Readonly<Record<string, Field>> => {
  const fields = known.get(name) ?? { ...operations[name], ...common }
  known.set(name, fields)
  return fields
}

const checkField = (of: string, field: string, value: unknown, wanted: Field): void => {
  if (fits(value, wanted)) return
  const isRounded = isInexact(value)
  const { oneOf } = wanted
  const isNamed = oneOf !== undefined && typeof value === 'string'
  wrong({
    of,
    field,
    fact: isRounded
      ? `has a "${field}" that JSON cannot hold exactly`
      : isNamed
        ? `has an unknown ${field}`
        : `has a "${field}" that does not fit`,
    expected: expectedOf(wanted),
    found: value,
    ...(isNamed
      ? { word: value, known: oneOf }
      : {
          attempt: isRounded
            ? `write so large a number as a text, in hex: "${field}": "0xffffffffffffffff"`
            : `write "${field}": ${exampleOf(wanted)}`,
        }),
  })
}

/** Processes that are run, awaited or killed have to have been made; unless it is recorded that this one was not there. */
const checkProcess = (op: Bag, index: number, known: ReadonlySet<string>): void => {
  for (const field of ['proc', 'target']) {
    const name = op[field]
    if (typeof name !== 'string' || known.has(name)) continue
    wrong({
      of: called(index, op['op']),
      field,
      fact: 'names an unknown process',
      expected: 'p0, or what a fork or thread before it made',
      found: name,
      word: name,
      known: [...known],
    })
  }
}

const noSuchProcess = (results: unknown): readonly number[] =>
  Array.isArray(results)
    ? results.flatMap((result: unknown, index) => (isBag(result) && result['err'] === 'NOPROC' ? [index] : []))
    : []

const checkResults = (given: unknown, ops: readonly Bag[], field: string): void => {
  if (!Array.isArray(given) || given.length !== ops.length)
    return wrong({
      of: 'the case',
      field,
      fact: Array.isArray(given)
        ? `has ${count(ops.length, 'op')} and ${count(given.length, 'result')}`
        : `has "${field}" that are no list`,
      expected: `${count(ops.length, 'result')}, one for each op`,
      ...(Array.isArray(given) ? {} : { found: given }),
      attempt: 'write null where nothing is expected, or leave out "results" to see what relock says',
    })
  given.forEach((result: unknown, index) =>
    checkResult(result, called(index, ops[index]!['op']).replace('op', 'result')),
  )
}

const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`

const checkResult = (result: unknown, of: string): void => {
  if (result === null) return
  if (!isBag(result))
    return wrong({ of, fact: 'is no record', expected: 'a record, as {"ret": 0}, or null', found: result })
  for (const [field, value] of Object.entries(result)) {
    if (!resultFields.includes(field)) unknownField(of, field, resultFields, value)
    const expected = misfit(field, value)
    if (expected === undefined) continue
    wrong({ of, field, fact: `has a "${field}" that does not fit`, expected, found: value })
  }
  if ('ret' in result || 'pending' in result) return
  wrong({
    of,
    field: 'ret',
    fact: 'has no "ret"',
    expected: 'a number, -1 beside an "err"',
    found: result,
    attempt: 'add "ret": 0, or write null if nothing is expected here',
  })
}

const checkRace = ({ reps, outcomes }: Bag, ops: readonly Bag[]): void => {
  if (typeof reps !== 'number')
    wrong({
      of: 'the race',
      field: 'reps',
      fact: 'has no "reps"',
      expected: 'how often it was tried, as 60',
      found: reps,
    })
  if (ops.filter((op) => op['barrier'] !== undefined).length < 2)
    wrong({
      of: 'the race',
      field: 'barrier',
      fact: 'has no two ops that are made at once',
      expected: 'two ops with "barrier": 1 and "async": 0',
      attempt: 'write "async": 0, "barrier": 1 in the two ops that race',
    })
  if (!Array.isArray(outcomes) || outcomes.length === 0)
    return wrong({
      of: 'the race',
      field: 'outcomes',
      fact: 'has no outcome',
      expected: 'a list of {"count": …, "results": […]}',
      found: outcomes,
    })
  outcomes.forEach((outcome: unknown, nth) => {
    if (!isBag(outcome) || typeof outcome['count'] !== 'number')
      return wrong({
        of: `outcome ${nth}`,
        field: 'count',
        fact: 'has no "count"',
        expected: 'how often it was seen, as 43',
        found: outcome,
      })
    checkResults(outcome['results'], ops, 'results')
  })
}

const unknownField = (of: string, field: string, known: readonly string[], found: unknown): never =>
  wrong({
    of,
    field,
    fact: `has an unknown field`,
    expected: 'one of its fields',
    found: { [field]: found },
    word: field,
    known,
  })
