/** Slips in a command line itself, as commander sees them: what the verb takes, or which verb was meant. */
import { machineFormatNames, runFormatNames } from './formats/names.ts'
import { UserError } from './user-error.ts'

interface First {
  /** What stands behind the verb. */
  readonly takes: readonly string[]
  readonly attempt: string
}

/** What each verb takes, and one that can be pasted. */
const first: Readonly<Record<string, First>> = {
  explore: {
    takes: [
      'It takes scenarios (stale-dma, late-pin, open-close-deadlock …), a family of them (unmap), all, or a file of your own.',
    ],
    attempt: 'npx relock explore stale-dma',
  },
  watch: {
    takes: ['It takes one scenario file of your own.'],
    attempt: 'npx relock watch ./race.ts',
  },
  show: {
    takes: ['It takes a scenario and, if you like, one of its claims or findings.'],
    attempt: 'npx relock show stale-dma',
  },
  walk: {
    takes: ['It takes a scenario, a file of your own, or the address of a run to go on from.'],
    attempt: 'npx relock walk stale-dma',
  },
  compare: {
    takes: ['It takes one scenario, or a family of them (unmap, device-memory …).'],
    attempt: 'npx relock compare well-behaved',
  },
  replay: {
    takes: ['It takes the addresses of runs, as each report prints them, or saved runs (.relock/…/run.trace.json).'],
    attempt: 'npx relock explore stale-dma',
  },
  lockdep: {
    takes: ['It takes scenarios, or addresses of runs.'],
    attempt: 'npx relock lockdep open-close-deadlock',
  },
  conform: {
    takes: ['It takes files of cases (*.jsonl, *.jsonl.gz), or folders of them; docs/CONFORMANCE.md shows a case.'],
    attempt: 'npx relock conform cases.jsonl',
  },
  export: {
    takes: [
      'It takes a format, and a machine (npx relock machines) or the address of a run (each report prints one).',
      `Of a machine: ${machineFormatNames.join(', ')}. Of a run: ${runFormatNames.join(', ')}.`,
    ],
    attempt: 'npx relock export mermaid mutex',
  },
  completion: {
    takes: ['It takes the name of your shell: bash, zsh or fish.'],
    attempt: 'npx relock completion bash',
  },
}

/** Verbs that other tools have, and what does the same here. */
const elsewhere: readonly (readonly [verbs: readonly string[], does: string, attempt: string])[] = [
  [
    ['step', 'debug'],
    'A run is made by hand, one step after the other, by walk; on a page (--html) other turns are taken.',
    'npx relock walk stale-dma',
  ],
  [['html', 'report', 'page'], 'Whatever tells something writes a page, too.', 'npx relock explore stale-dma --html'],
  [['serve', 'watch'], 'A page shows a search while it goes on.', 'npx relock explore stale-dma --serve'],
  [['run', 'verify', 'test', 'search'], 'Every order is looked at by `explore`.', 'npx relock explore stale-dma'],
  [['diff'], 'Protocols stand side by side in `compare`.', 'npx relock compare well-behaved'],
  [['ls', 'scenarios', 'families'], 'What there is says `list`.', 'npx relock list'],
  [['trace'], 'A run is told again by `replay`, from its address.', 'npx relock explore stale-dma'],
  [['graph', 'diagram', 'draw', 'picture'], 'Pictures are made by `export`.', 'npx relock export mermaid mutex'],
]

/** The name of something to explore where a verb should stand. */
export const noVerb = (scenario: string): UserError =>
  new UserError(`A verb is missing before "${scenario}".`, { attempt: `npx relock explore ${scenario}` })

/** `message` is commander's; `verb` the one it is about, if that is one. */
export const wrongUsage = (message: string, verb = ''): UserError => {
  // What was typed may have lines, too.
  const [, fact = '', meant] = /^(?:error: )?(.*?)(?:\n(\(Did you mean [^\n]*\)))?$/s.exec(message) ?? []
  const said = `${fact.replace(/^./, (c) => c.toUpperCase())}.`.replace('..', '.')
  const typed = /^unknown command '(.*)'$/s.exec(fact)?.[1]
  const other = elsewhere.find(([verbs]) => typed !== undefined && verbs.includes(typed))
  if (other) return new UserError(said, { evidence: [other[1]], attempt: other[2] })
  const lacks = fact.startsWith('missing required argument') || (verb === 'export' && fact.includes("'--list'"))
  if (lacks && first[verb]) return new UserError(said, { evidence: first[verb].takes, attempt: first[verb].attempt })
  return new UserError(said, {
    evidence: meant === undefined ? [] : [meant.slice(1, -1)],
    attempt: `npx relock ${verb === '' ? '' : `${verb} `}--help`,
  })
}
