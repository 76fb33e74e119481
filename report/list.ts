/** What there is to explore. */
import type { Chosen } from './address.ts'
import { legible, type Page } from './style.ts'
import { listed, wrap } from './words.ts'

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
  readonly choices: {
    readonly options: Readonly<Record<string, Offered>>
    readonly tasks: { readonly least: number; readonly most: number }
    readonly default: Chosen & { readonly tasks: number }
  }
}

const firstSentence = (text: string): string => /^.*?[.!?](?=\s|$)/s.exec(text.trim())?.[0].replace(/\s+/g, ' ') ?? text

/** `--unmap per-mapping | [restart]`, where there is something to choose; what happens when nobody chooses stands in brackets. */
const optionLine = (name: string, offered: Offered, options: Readonly<Record<string, Offered>>): string[] => {
  const { values, byDefault = values[0], otherwise } = offered
  if (values.length === 1 && otherwise === undefined) return []
  const words = values.map((value) => (value === byDefault && otherwise === undefined ? `[${value}]` : value))
  const unasked = otherwise === undefined ? '' : ` [${otherwise}]`
  return [`--${name} ${words.join(' | ')}${unasked}${besideWhat(offered, options)}`]
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

export const listScenarios = (scenarios: readonly Listed[], page: Page): string => {
  const lines: string[] = []
  const indented = (text: string, role?: 'dim'): void => {
    for (const line of wrap(legible(page, text), page.columns - 4, ''))
      lines.push(`    ${role ? page.paint(role, line) : line}`)
  }
  for (const family of new Set(scenarios.map((s) => s.family))) {
    lines.push(page.paint('head', family))
    for (const { name, why, source, windows, choices } of scenarios.filter((s) => s.family === family)) {
      lines.push(`  ${page.paint('strong', name)}`)
      indented(firstSentence(why))
      indented([windows.join(', '), source].filter((s) => s !== '').join(' · '), 'dim')
      const { tasks } = choices
      const options = [
        ...Object.entries(choices.options).flatMap(([name, option]) => optionLine(name, option, choices.options)),
        ...(tasks.most > tasks.least ? [`--tasks ${tasks.least}–${tasks.most}`] : []),
      ]
      if (options.length > 0) indented(options.join('  '), 'dim')
    }
    lines.push('')
  }
  return [...lines, '  npx relock explore <name>', ''].join('\n')
}
