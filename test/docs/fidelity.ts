/** The table of windows in docs/FIDELITY.md. */
import { read } from './pages.ts'

export const document = 'docs/FIDELITY.md'
export const fidelity = read(document)
/** window | scenario | protocol, and what else is chosen | what is found | steps | status. A window without a number has a dash. */
export const rows = fidelity
  .split('\n')
  .map((line) => [
    line,
    ...line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1),
  ])
  .filter(([, window = '', scenario = '']) => /^(?:[A-Z]\w*-\d|–$)/.test(window) && scenario.startsWith('`'))
  .map(([line = '', window = '', scenario = '', protocol = '', what = '', steps = '', status = '']) => ({
    line,
    windows: window === '–' ? [] : window.split(/,\s*/),
    scenario: scenario.replaceAll('`', ''),
    protocol: /^`([^`]*)`/.exec(protocol)?.[1] ?? protocol,
    more: Object.fromEntries([...protocol.matchAll(/`(\w+)=(\w+)`/g)].map(([, name, value]) => [name, value])),
    title: /^`(.*)`/.exec(what)?.[1],
    steps,
    status,
  }))
