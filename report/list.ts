/** What there is to explore. */
import { legible, type Page } from './style.ts'
import { wrap } from './words.ts'

/** What a list needs of a scenario. */
export interface Listed {
  readonly name: string
  readonly family: string
  readonly windows: readonly string[]
  readonly source: string
  readonly why: string
  readonly choices: {
    readonly unmap: readonly string[]
    readonly profile: readonly string[]
    readonly tasks: { readonly least: number; readonly most: number }
    readonly default: { readonly unmap?: string; readonly profile?: string; readonly tasks: number }
  }
}

const firstSentence = (text: string): string => /^.*?[.!?](?=\s|$)/s.exec(text.trim())?.[0].replace(/\s+/g, ' ') ?? text

/** `--unmap per-mapping | [restart]`, where there is something to choose. */
const optionOf = (name: 'unmap' | 'profile', choices: Listed['choices']): string[] => {
  const each = choices[name].map((value) => (value === choices.default[name] ? `[${value}]` : value))
  return each.length > 1 ? [`--${name} ${each.join(' | ')}`] : []
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
        ...optionOf('unmap', choices),
        ...optionOf('profile', choices),
        ...(tasks.most > tasks.least ? [`--tasks ${tasks.least}–${tasks.most}`] : []),
      ]
      if (options.length > 0) indented(options.join('  '), 'dim')
    }
    lines.push('')
  }
  return [...lines, '  npx relock explore <name>', ''].join('\n')
}
