/** What a table of guarded commands may be, and what its functions may answer: told for whoever has no compiler. */
import {
  anything,
  atLeast,
  byName,
  callable,
  either,
  flag,
  listOf,
  name,
  optional,
  partOf,
  record,
  some,
  such,
  that,
  type Broken,
  type Shape,
} from '../../shapes/shape.ts'
import { isPlain } from '../states/canonical.ts'
import type { Command, CommandTable, Said, Variables } from './commands.ts'
import type { Symmetric } from '../symmetry/symmetry.ts'

type AnyTable = CommandTable<Readonly<Record<string, object>>>

const command = record<Command<object, any>>({
  when: optional(callable('a function of the variables that answers true or false')),
  do: callable('a function of the variables that answers those that change'),
  sends: optional(callable('a function of the variables that answers a list of { to, type, … }')),
})

const variables = that<object>(
  'variables by name, JSON-like',
  (given) => typeof given === 'object' && given !== null && !Array.isArray(given) && isPlain(given),
)

/** Variables that one start has and another has not would be undefined in some runs only. */
const startsAlike = (starts: readonly object[]): Broken | undefined => {
  const [first, ...others] = starts.map((each) => Object.keys(each).sort().join(', '))
  if (first === undefined) return { at: [], fault: 'is empty', expected: 'one start at least' }
  const other = others.findIndex((each) => each !== first)
  return other < 0
    ? undefined
    : { at: [other + 1], fault: 'has other variables than the first', expected: `values of ${first}` }
}

const starts = such(listOf('variables by name, or a list of them', variables), startsAlike)

const paths = (of: string) => optional(listOf(`paths of ${of}: \`owner\`, \`said.prepared\``, name('a path')))

const symmetric = record<Symmetric>({
  processes: listOf('names of processes', name('the name of a process')),
  lists: paths('lists'),
  numbers: paths('numbers'),
})

/** What is misspelled would make nobody the same as anybody. */
const symmetryFits = ({ processes = {}, start, symmetric: declared }: Variables<object>): Broken | undefined => {
  if (declared === undefined) return undefined
  const { processes: members, lists = [], numbers = [] } = declared
  if (members.length < 2 || new Set(members).size < members.length)
    return {
      at: ['symmetric', 'processes'],
      fault: 'has fewer than two, or one of them twice',
      expected: 'two or more',
    }
  const stranger = members.findIndex((each) => !Object.hasOwn(processes, each))
  if (stranger >= 0)
    return {
      at: ['symmetric', 'processes', stranger],
      fault: 'is no process here',
      expected: Object.keys(processes).join(', '),
    }
  const all = Array.isArray(start) ? (start as readonly object[]) : [start]
  const isList = (value: unknown) => Array.isArray(value) && value.length === members.length
  const noList = lists.findIndex((path) => !all.every((each) => valuesAt(each, path.split('.')).every(isList)))
  if (noList >= 0)
    return {
      at: ['symmetric', 'lists', noList],
      fault: `is no list of ${members.length}`,
      expected: 'one element for each process',
    }
  const unknown = numbers.findIndex((path) => !all.every((each) => Object.hasOwn(each, path.split('.')[0]!)))
  if (unknown >= 0)
    return { at: ['symmetric', 'numbers', unknown], fault: 'is no variable', expected: Object.keys(all[0]!).join(', ') }
  return undefined
}

/** What stands at a path; of a path that leads nowhere, nothing that could be a list. */
const valuesAt = (value: unknown, [first, ...rest]: readonly string[]): readonly unknown[] => {
  if (first === undefined) return [value]
  if (typeof value !== 'object' || value === null) return [undefined]
  if (first === '*') return Object.values(value).flatMap((each) => valuesAt(each, rest))
  return valuesAt((value as Record<string, unknown>)[first], rest)
}

const variablesOf = record<Variables<object>>({
  start: either<object | readonly object[]>('variables by name, or a list of them', (given) =>
    Array.isArray(given) ? starts : variables,
  ),
  processes: optional(byName('processes by name', byName('commands by name', command))),
  receives: optional(byName('what is done by type of message', command)),
  symmetric: optional(symmetric),
  mayEnd: optional(
    either<NonNullable<Variables<object>['mayEnd']>>('true, false or a function of the variables', (given) =>
      typeof given === 'function' ? callable() : flag,
    ),
  ),
})

const component = such(variablesOf, symmetryFits)

/** Of two groups, what changes places in both at once would not be looked at. */
const symmetricOnce = ({ components }: AnyTable): Broken | undefined => {
  const [, second] = Object.keys(components).filter((id) => components[id]!.symmetric !== undefined)
  return second === undefined
    ? undefined
    : { at: ['components', second, 'symmetric'], fault: 'is the second one', expected: 'one component that has it' }
}

/** What a process does would be taken for what a component says. */
const namesApart = ({ components }: AnyTable): Broken | undefined => {
  for (const [id, { processes = {} }] of Object.entries(components)) {
    const process = Object.keys(processes).find((each) => each === 'start' || Object.hasOwn(components, each))
    if (process === undefined) continue
    const fault = process === 'start' ? 'is what the choice of a start is called' : `is called as a component is`
    return { at: ['components', id, 'processes', process], fault, expected: 'another name' }
  }
  return undefined
}

export const tableShape = such(
  record<AnyTable>({
    name: name(),
    components: some(byName('components by name', component), 'one component at least'),
  }),
  namesApart,
  symmetricOnce,
)

/** What the functions of a component's commands may answer, by its variables. */
export const answersOf = <State>(known: readonly string[]) => ({
  when: flag,
  do: partOf<any>(
    Object.fromEntries(known.map((each) => [each, anything])),
    `{ ${known.join(', ')} }, or some of them`,
  ) as Shape<Partial<State>>,
  sends: listOf(
    'a list of { to, type, … }',
    atLeast<Pick<Said, 'to' | 'type'>>(
      { to: name('the name of a component'), type: name('the type of a message') },
      '{ to, type, … }',
    ),
  ) as Shape<readonly Said[]>,
})
