/** Is this a case? Checks what a line holds, from the outside in, and says what is wrong first. */
import { profileNames } from '../machines/profile.ts'
import { standInFor } from '../machines/versions.ts'
import type { AnyRace, Case } from './case.ts'
import { exampleOf, expectedOf, fits, isInexact } from '../actors/kernel/system-calls/fields.ts'
import { common, operations, type Field } from '../actors/kernel/system-calls/operations.ts'
import { iommuShape } from '../actors/kernel/iommu.ts'
import { isTaken } from '../actors/kernel/system-calls/inventory.ts'
import { problemsIn } from '../shapes/insist.ts'
import { checkRecorded, checkTogether, racesIn, resultsOfARace } from './check-race.ts'
import { checkResults } from './check-results.ts'
import { called, isBag, isCount, unknownField, Wrong, WrongOp, wrong, type Bag } from './wrong.ts'

const anyCase = ['name', 'note', 'profile', 'iommu', 'ops'] as const
const caseFields = [...anyCase, 'seed', 'results']
const raceFields = [...anyCase, 'reps', 'outcomes']

export const checkCase = (given: unknown): Case | AnyRace => {
  if (!isBag(given))
    return wrong({
      of: 'the case',
      fact: 'is no record',
      expected: '{"name": …, "ops": […], "results": […]}',
      found: given,
    })
  const isRecorded = 'outcomes' in given || 'reps' in given
  const isRace = isRecorded || racesIn(given['ops'])
  if (isRace && !isRecorded && given['results'] !== undefined) throw new Wrong(resultsOfARace(given['results']))
  const known = isRace ? raceFields : caseFields
  const stranger = Object.keys(given).find((field) => !known.includes(field))
  if (stranger !== undefined) unknownField('the case', stranger, known, given[stranger])
  checkHead(given)
  const ops = checkOps(given['ops'], new Set(noSuchProcess(given['results'])))
  if (isRace) checkTogether(ops)
  if (isRecorded) checkRecorded(given, ops)
  if (!isRace && given['results'] !== undefined) checkResults(given['results'], ops, 'results')
  return given as unknown as Case | AnyRace
}

const checkHead = ({ name, note, profile, seed, iommu }: Bag): void => {
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
  if (seed !== undefined && (typeof seed !== 'string' || seed === '') && !isCount(seed, 0))
    wrong({
      of: 'the case',
      field: 'seed',
      fact: 'has a "seed" that is none',
      expected: 'a whole number of 0 or more, or a text',
      found: seed,
    })
  checkIommu(iommu)
  if (profile === undefined || (typeof profile === 'string' && standInFor(profile) !== undefined)) return
  wrong({
    of: 'the case',
    field: 'profile',
    fact: 'is about an unknown kernel',
    expected: 'a version of Linux, or a profile',
    found: profile,
    word: typeof profile === 'string' ? profile : '',
    known: profileNames,
  })
}

const checkIommu = (given: unknown): void => {
  const [problem] = given === undefined ? [] : problemsIn(iommuShape, given)
  if (problem === undefined) return
  wrong({
    of: 'the case',
    field: 'iommu',
    fact: `has an "iommu" that cannot be${problem.path === '' ? '' : `: ${problem.path}`}`,
    expected: problem.expected,
    found: given,
    attempt: 'write "iommu": {"dirtyTracking": true}, or leave it out: then it is the one that was recorded',
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
    checkMade(op as Bag, index)
    if (!noSuch.has(index)) checkProcess(op as Bag, index, processes)
    const { op: what, as } = op as Bag
    if (what === 'fork' || what === 'thread') processes.add(String(as))
  })
  return given as readonly Bag[]
}

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
    throw new WrongOp(name, index, {
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

/** Processes and threads have parts, which are called `p1.mm`. */
const checkMade = (op: Bag, index: number): void => {
  const name = op['as']
  if ((op['op'] !== 'fork' && op['op'] !== 'thread') || typeof name !== 'string') return
  if (!name.includes('.') && !isTaken(name) && !/^group\d+$/.test(name)) return
  wrong({
    of: called(index, op['op']),
    field: 'as',
    fact: 'has an "as" that does not fit',
    expected: 'a name without a dot that nothing of the machine has, as "p1"',
    found: name,
    attempt: 'write "as": "p1"',
  })
}

const noSuchProcess = (results: unknown): readonly number[] =>
  Array.isArray(results)
    ? results.flatMap((result: unknown, index) => (isBag(result) && result['err'] === 'NOPROC' ? [index] : []))
    : []
