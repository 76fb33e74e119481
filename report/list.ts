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
    readonly tasks: { readonly least: number; readonly most: number }
    readonly default: { readonly unmap: string; readonly tasks: number }
  }
}

const firstSentence = (text: string): string => /^.*?[.!?](?=\s|$)/s.exec(text.trim())?.[0].replace(/\s+/g, ' ') ?? text

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
      const { unmap, tasks } = choices
      const options = [
        ...(unmap.length > 1
          ? [`--unmap ${unmap.map((u) => (u === choices.default.unmap ? `[${u}]` : u)).join(' | ')}`]
          : []),
        ...(tasks.most > tasks.least ? [`--tasks ${tasks.least}–${tasks.most}`] : []),
      ]
      if (options.length > 0) indented(options.join('  '), 'dim')
    }
    lines.push('')
  }
  return [...lines, '  npx relock explore <name>', ''].join('\n')
}
