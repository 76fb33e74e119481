/** What may be chosen: the types of choices.ts, told again for whoever has no compiler, and what one choice says of another. */
import {
  byName,
  either,
  listOf,
  name,
  oneOrMore,
  optional,
  record,
  such,
  that,
  whole,
  type Broken,
  type Shape,
} from '../shapes/shape.ts'
import { choiceNames, isKnown, knownChoices, type Choosing, type Option, type Options, type Tasks } from './choices.ts'
import { toChooseFrom } from '../shapes/nearest.ts'

/** As many threads as descriptions may have. */
const count = whole(1, 64)

export const tasksShape: Shape<Tasks> = such(
  record<Tasks>({ least: count, most: count, byDefault: optional(count) }),
  ({ least, most }) =>
    least <= most ? undefined : { at: ['most'], expected: `${least}, which is the least, or more` },
  ({ least, most, byDefault = least }) =>
    byDefault >= least && byDefault <= most ? undefined : { at: ['byDefault'], expected: `from ${least} to ${most}` },
)

/** A word that can stand in an address. */
const word = name('a word')
const isWord = (value: string): boolean => /^[^\s,=@]+$/.test(value)

const others = 'values of other choices, by their names'

const option = record<Option>({
  values: oneOrMore('a list of words', word),
  byDefault: optional(word),
  otherwise: optional(name('in words, what happens when nothing is chosen')),
  only: optional(either<NonNullable<Option['only']>>(others, () => byName(others, listOf('a list of values', word)))),
})

/** What stands beside choices where a complete search is expected to say something. */
const taken = ['tasks', 'findings', 'verdicts', 'states']

/** Every option is right by itself. */
const named = (options: Options): Broken | undefined => {
  for (const of of Object.keys(options)) {
    const at = [of]
    const fault = 'cannot be the name of a choice'
    if (taken.includes(of)) return { at, fault, expected: `another name: ${of} means something else beside choices` }
    if (!/^[A-Za-z][\w-]*$/.test(of)) return { at, fault, expected: 'a letter, then letters, digits, - or _' }
  }
  return undefined
}

const valued = (options: Options): Broken | undefined => {
  for (const [of, { values, byDefault, otherwise }] of Object.entries(options)) {
    const known: readonly string[] = isKnown(of) ? knownChoices[of].values : []
    const bad = values.findIndex((value) => (known.length > 0 ? !known.includes(value) : !isWord(value)))
    if (bad >= 0)
      return known.length > 0
        ? { at: [of, 'values', bad], expected: `one of ${known.join(', ')}`, known }
        : { at: [of, 'values', bad], expected: 'a word without spaces, commas, = and @, as it stands in addresses' }
    if (byDefault === undefined) continue
    if (!(values as readonly string[]).includes(byDefault))
      return { at: [of, 'byDefault'], expected: `one of its values: ${values.join(', ')}`, known: values }
    if (otherwise !== undefined)
      return { at: [of, 'otherwise'], expected: 'nothing beside byDefault', why: 'there is a default already' }
  }
  return undefined
}

const dependable = (options: Options): Broken | undefined => {
  for (const [of, { only = {} }] of Object.entries(options))
    for (const [other, values] of Object.entries<readonly string[]>(only)) {
      const names = Object.keys(options).filter((each) => each !== of)
      const at = [of, 'only', other]
      if (!names.includes(other))
        return {
          at,
          is: 'unknown',
          fault: 'is no other choice',
          expected: names.join(', ') || 'no `only`',
          known: names,
        }
      const known: readonly string[] = options[other]!.values
      const bad = values.findIndex((value) => !known.includes(value))
      if (bad >= 0) return { at: [...at, bad], expected: `one of the values of ${other}: ${known.join(', ')}`, known }
      if (dependsOn(options, other, of))
        return { at, fault: 'goes round', expected: `a choice that does not depend on ${of}` }
    }
  return undefined
}

/** By itself, or by what it depends on. */
const dependsOn = (options: Options, name: string, on: string, seen: readonly string[] = []): boolean =>
  Object.keys(options[name]?.only ?? {}).some(
    (other) => other === on || (!seen.includes(other) && dependsOn(options, other, on, [...seen, other])),
  )

const choices = `choices by name: ${choiceNames.join(', ')}, or your own`

export const optionsShape: Shape<Options> = such(
  either<Options>(choices, () => byName(choices, option)),
  named,
  valued,
  dependable,
)

/** What is chosen when nobody chooses: of each choice one of its values, if any. */
const defaultsFit = ({ options, tasks, default: byDefault }: Choosing): Broken | undefined => {
  for (const [of, value] of Object.entries(byDefault)) {
    const at = ['default', of]
    if (of === 'tasks') {
      if (typeof value !== 'number' || value < tasks.least || value > tasks.most)
        return { at, expected: `from ${tasks.least} to ${tasks.most}` }
      continue
    }
    const known: readonly string[] | undefined = options[of]?.values
    if (known === undefined)
      return {
        at,
        is: 'unknown',
        expected: toChooseFrom(['tasks', ...Object.keys(options)], of),
        known: Object.keys(options),
      }
    if (value !== undefined && !known.includes(String(value)))
      return { at, expected: `one of ${toChooseFrom(known, String(value))}`, known }
  }
  return 'tasks' in byDefault
    ? undefined
    : { at: ['default', 'tasks'], expected: `from ${tasks.least} to ${tasks.most}` }
}

const someChoices = 'what is chosen when nobody chooses: { tasks: 1 }'

export const choosingShape: Shape<Choosing> = such(
  record<Choosing>({
    options: optionsShape,
    tasks: record<Choosing['tasks']>({ least: count, most: count }),
    default: either<Choosing['default']>(someChoices, () =>
      byName(
        someChoices,
        that('a value', () => true),
      ),
    ),
  }),
  defaultsFit,
)
