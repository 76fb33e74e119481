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
} from '../shapes/shape.ts'
import { isPlain } from './canonical.ts'
import type { Command, CommandTable, Said, Variables } from './commands.ts'

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

const component = record<Variables<object>>({
  start: either<object | readonly object[]>('variables by name, or a list of them', (given) =>
    Array.isArray(given) ? starts : variables,
  ),
  processes: optional(byName('processes by name', byName('commands by name', command))),
  receives: optional(byName('what is done by type of message', command)),
  mayEnd: optional(
    either<NonNullable<Variables<object>['mayEnd']>>('true, false or a function of the variables', (given) =>
      typeof given === 'function' ? callable() : flag,
    ),
  ),
})

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
