/** What there is to explore. */
import type { Chosen } from './address.ts'
import { legible, type Page } from './style.ts'
import { clip, counted, listed, wrap } from './words.ts'

/** One of these values is chosen: the default, unless something else happens when none is. */
interface Offered {
  readonly values: readonly string[]
  readonly byDefault?: string
  readonly otherwise?: string
  readonly only?: Readonly<Record<string, readonly string[]>>
}

/** What a list needs of a scenario. */
export interface Listed {
  readonly name: string
  readonly family: string
  readonly windows: readonly string[]
  readonly source: string
  readonly why: string
  /** Set on a mutant: the story it was made from. */
  readonly mutantOf?: string
  readonly choices: {
    readonly options: Readonly<Record<string, Offered>>
    readonly tasks: { readonly least: number; readonly most: number }
    readonly default: Chosen & { readonly tasks: number }
  }
}

const firstSentence = (text: string): string => /^.*?[.!?](?=\s|$)/s.exec(text.trim())?.[0].replace(/\s+/g, ' ') ?? text

/** `--unmap per-mapping | [restart]`, where there is something to choose; what happens when nobody chooses stands in brackets. */
const optionLine = (
  name: string,
  offered: Offered,
  options: Readonly<Record<string, Offered>>,
  typed: Typed,
): string[] => {
  const { values, byDefault = values[0], otherwise } = offered
  if (values.length === 1 && otherwise === undefined) return []
  const words = values.map((value) => (value === byDefault && otherwise === undefined ? `[${value}]` : value))
  const unasked = otherwise === undefined ? '' : ` [${otherwise}]`
  return [`${typed(name, words.join(' | '))}${unasked}${besideWhat(offered, options)}`]
}

/** ` (not with none)`, or the other way round, whichever is shorter. */
const besideWhat = ({ only = {} }: Offered, options: Readonly<Record<string, Offered>>): string => {
  const sides = Object.entries(only).map(([name, values]) => {
    const others = options[name]?.values.filter((value) => !values.includes(value)) ?? []
    if (others.length === 0) return ''
    return others.length < values.length ? `not with ${listed(others)}` : `with ${listed(values)}`
  })
  const said = sides.filter((side) => side !== '').join(', ')
  return said === '' ? '' : ` (${said})`
}

/** How a choice is typed, with its values. */
type Typed = (name: string, values: string) => string

/** A family, in a line. */
export interface ListedFamily {
  readonly name: string
  readonly about: string
  readonly stories: number
  readonly mutants: number
}

/** What can be typed next, and what it does. */
const nextWords = (rows: readonly (readonly [words: string, does: string])[], page: Page): string[] => {
  const width = Math.max(...rows.map(([words]) => words.length))
  return rows.flatMap(([words, does]) => {
    const [first = '', ...rest] = wrap(does, page.columns - width - 16, '')
    return [
      `  npx relock ${words.padEnd(width)}   ${page.paint('dim', first)}`,
      ...rest.map((line) => `${' '.repeat(width + 16)}${page.paint('dim', line)}`),
    ]
  })
}

/** A line a family, and how to see more: one screen. */
export const listFamilies = (families: readonly ListedFamily[], page: Page): string => {
  const width = Math.max(...families.map(({ name }) => name.length))
  const stories = families.reduce((sum, family) => sum + family.stories, 0)
  const mutants = families.reduce((sum, family) => sum + family.mutants, 0)
  const [first] = families
  return [
    ...wrap(
      `${counted(stories, 'story', 'stories')} in ${counted(families.length, 'family', 'families')}, and ${counted(mutants, 'mutant')} (a story with something broken on purpose):`,
      page.columns,
    ),
    '',
    ...families.flatMap((family) => {
      const head = `  ${family.name.padEnd(width)}  ${String(family.stories).padStart(3)}  `
      const [line = '', ...rest] = wrap(legible(page, family.about), page.columns - head.length, '')
      return [`${page.paint('strong', head)}${line}`, ...rest.map((each) => `${' '.repeat(head.length)}${each}`)]
    }),
    '',
    ...nextWords(
      [
        [`list ${first?.name}`, 'the stories of a family'],
        ['list pin', 'those in which a word occurs'],
        ['list stale-dma', 'where it is from, what can be chosen'],
        ['list --all', 'everything of everything'],
        ['explore stale-dma', 'every order of one'],
        [`explore ${first?.name}`, 'of a family; of `all`'],
        [`compare ${first?.name}`, 'what each protocol of it promises, as a table'],
      ],
      page,
    ),
    '',
  ].join('\n')
}

/** The first sentence of why it matters, in two lines at most. */
const inShort = (why: string, room: number, page: Page): readonly string[] => {
  const lines = wrap(legible(page, firstSentence(why)), room)
  return lines.length < 3 ? lines : [lines[0]!, clip(`${lines[1]} ${lines[2]}`, room, page.glyphs.more)]
}

/** A line or two a story. */
export const listStories = (title: string, scenarios: readonly Listed[], page: Page): string => {
  const stories = scenarios.filter(({ mutantOf }) => mutantOf === undefined)
  const mutants = scenarios.length - stories.length
  const shown = stories.length > 0 ? stories : scenarios
  const width = Math.max(...shown.map(({ name }) => name.length)) + 4
  const more = stories.length > 0 && mutants > 0 ? `, and ${counted(mutants, 'mutant')} of them` : ''
  return [
    `${page.paint('head', legible(page, title))}   ${counted(shown.length, 'story', 'stories')}${more}`,
    '',
    ...shown.flatMap(({ name, why }) => {
      const [first = '', ...rest] = inShort(why, page.columns - width, page)
      const head = page.paint('strong', `  ${legible(page, name)}`.padEnd(width))
      return [`${head}${first}`, ...rest.map((line) => `${' '.repeat(width)}${line}`)]
    }),
    '',
    ...nextWords(
      [
        [`list ${shown[0]!.name}`, 'where it is from, what can be chosen'],
        [`explore ${shown[0]!.name}`, 'every order of it'],
      ],
      page,
    ),
    '',
  ].join('\n')
}

/** With everything: where it is from, which windows it is about, what can be chosen. */
export const listScenarios = (
  scenarios: readonly Listed[],
  page: Page,
  typed: Typed = (name, values) => `--${name} ${values}`,
): string => {
  const lines: string[] = []
  const indented = (text: string, role?: 'dim'): void => {
    for (const line of wrap(legible(page, text), page.columns - 4, ''))
      lines.push(`    ${role ? page.paint(role, line) : line}`)
  }
  for (const family of new Set(scenarios.map((s) => s.family))) {
    lines.push(page.paint('head', legible(page, family)))
    for (const { name, why, source, windows, choices } of scenarios.filter((s) => s.family === family)) {
      lines.push(`  ${page.paint('strong', legible(page, name))}`)
      for (const [text, role] of [
        [firstSentence(why)],
        [[windows.join(', '), source].filter((s) => s !== '').join(' · '), 'dim'],
      ] as const)
        if (text !== '') indented(text, role)
      const { tasks } = choices
      const options = [
        ...Object.entries(choices.options).flatMap(([name, option]) =>
          optionLine(name, option, choices.options, typed),
        ),
        ...(tasks.most > tasks.least ? [`--tasks ${tasks.least}–${tasks.most}`] : []),
      ]
      if (options.length > 0) indented(options.join('  '), 'dim')
    }
    lines.push('')
  }
  return [...lines, '  npx relock explore <name>', ''].join('\n')
}
