/** `relock walk`: a run made by hand, one step after the other, and back again. */
import { existsSync } from 'node:fs'
import { Option, type Command } from 'commander'
import type { Followed } from '../../explore/runs/follow.ts'
import { replay } from '../../explore/index.ts'
import type { System } from '../../explore/system.ts'
import { choicesOf, type Trace } from '../../explore/runs/trace.ts'
import { printAddress, type Address } from '../../report/address.ts'
import { brokenClaims } from '../../report/claims.ts'
import { tellFollowed } from '../../report/followed-text.ts'
import { runFileOf } from '../../report/save.ts'
import { wrongIn, type Wrong } from '../../report/sides.ts'
import { command as inLines, shellWord, tellRun } from '../../report/text.ts'
import { following, sayNext, sayStates, sayStep } from '../../report/walked.ts'
import { visible } from '../../report/words.ts'
import type { Choices } from '../../scenarios/choices.ts'
import type { Scenario } from '../../scenarios/unmap/scenario.ts'
import type { Desk } from '../desk.ts'
import { pageOf, withForm, type Done, type Flags } from '../flags.ts'
import { locate, whatIsWrong } from '../located.ts'
import { withPermission, type Permission } from '../permit.ts'
import { subjectOf } from '../subject.ts'

type WalkFlags = Flags & Permission

/** Where a walk begins: at the start of a scenario, or at the end of a run that was found. */
interface Begin {
  readonly address: Address
  readonly scenario: Scenario
  readonly choices: Choices
  readonly system: System<any>
  /** What became of the run, where the model has changed since. */
  readonly followed?: Followed
}

/** An address, a file, a folder of what was kept, or its name. */
const isRun = (typed: string): boolean =>
  typed.includes('@') || (typed.endsWith('.json') && existsSync(typed)) || runFileOf(typed) !== undefined

const beginOf = async (typed: string, flags: WalkFlags, desk: Desk): Promise<Begin> => {
  if (isRun(typed)) return locate(typed, flags, desk)
  const { name, scenario, choices } = await subjectOf(typed, flags, desk, 'walk')
  const system = scenario.system(choices)
  const address = { scenario: name, choices, fingerprint: system.fingerprint, schedule: [] }
  return { address, scenario, choices, system }
}

/** What a line asks for. */
type Wish =
  | { readonly take: number }
  | { readonly back: number }
  | { readonly states: string }
  | { readonly only: 'lanes' | 'leave' | 'help' | 'list' }

const help = [
  '  a number   that comes next (Enter alone: the only thing that can)',
  '  u [n]      back a step, or n',
  '  s [word]   what everybody is in and holds, or who has the word in his name',
  '  l          the run so far, in lanes',
  '  q          leave; the run keeps its address',
]

const wishOf = (line: string, possible: number): Wish | undefined => {
  const [word = '', more = ''] = line.trim().split(/\s+/)
  if (word === '') return possible === 1 ? { take: 0 } : { only: 'list' }
  if (/^\d{1,6}$/.test(word) && more === '' && Number(word) >= 1 && Number(word) <= possible)
    return { take: Number(word) - 1 }
  if (/^u(?:ndo)?$/.test(word) && /^\d{0,6}$/.test(more)) return { back: more === '' ? 1 : Number(more) }
  if (/^s(?:tates?)?$/.test(word)) return { states: more }
  if (/^l(?:anes)?$/.test(word) && more === '') return { only: 'lanes' }
  if (/^(?:q|quit|exit)$/.test(word)) return { only: 'leave' }
  return /^(?:h|help|\?)$/.test(word) ? { only: 'help' } : undefined
}

const refusal = (line: string, possible: number): string => {
  const numbers = possible === 0 ? 'u (back)' : possible === 1 ? '1' : `1 to ${possible}`
  return `  "${visible(line.trim())}" is not among what can be typed here: ${numbers}, or h for help.`
}

const walk = async (typed: string, flags: WalkFlags, desk: Desk): Promise<number> => {
  const { address, scenario, choices, system, followed } = await beginOf(typed, flags, desk)
  const page = pageOf(desk.out, desk.env, flags)
  const say = (lines: readonly string[]): void => void desk.out.write(`${lines.join('\n')}\n`)
  const properties = scenario.properties(choices)

  let trace = replay(system, address.schedule)
  const further = (choice: number): Trace => replay(system, [...choicesOf(trace), choice])
  const wrongSoFar = (): Wrong | undefined => whatIsWrong({ scenario, choices, system, trace }).wrong
  const wrongHere = (): readonly Wrong[] => {
    const here = trace.steps.length
    const [last] = trace.steps.at(-1)?.findings.slice(-1) ?? []
    const found = last || trace.end !== 'open' ? wrongIn(trace, last?.title) : undefined
    return [...(found ? [found] : []), ...brokenClaims(system, properties, trace).filter(({ at }) => at === here)]
  }
  const addressNow = (): string => printAddress({ ...address, schedule: choicesOf(trace) })
  const told = (): string[] =>
    tellRun(trace, page, { wrong: wrongSoFar(), intro: 'The run so far', all: true, of: address.scenario })

  if (followed) say([...tellFollowed(followed, page.columns), ''])
  say([...(trace.steps.length > 0 ? [...told(), ''] : []), ...help])
  for (;;) {
    const next = following(trace, further)
    say(['', ...sayNext(page, next)])
    desk.out.write('> ')
    const line = desk.stop.aborted ? undefined : await desk.line()
    // A terminal shows what is typed by itself.
    if (!desk.out.isTTY) desk.out.write(`${visible(line ?? '')}\n`)
    const wish = line === undefined ? ({ only: 'leave' } as const) : wishOf(line, next.length)
    if (wish === undefined) say([refusal(line!, next.length)])
    else if ('take' in wish) {
      trace = further(wish.take)
      say(sayStep(page, trace, wrongHere()))
    } else if ('back' in wish) {
      trace = replay(system, choicesOf(trace).slice(0, Math.max(0, trace.steps.length - wish.back)))
      say(trace.steps.length === 0 ? ['      At the start.'] : sayStep(page, trace, wrongHere()))
    } else if ('states' in wish) say(sayStates(page, trace, wish.states))
    else if (wish.only === 'lanes') say(told())
    else if (wish.only === 'help') say(help)
    else if (wish.only === 'leave') break
  }
  say(['', ...inLines(page, 'Replay', `npx relock replay ${shellWord(addressNow())}`)])
  return wrongSoFar() ? 1 : 0
}

export const walkCommand = (root: Command, desk: Desk, done: Done): Command =>
  withPermission(
    withForm(
      root
        .command('walk <scenario>')
        .description('a run by hand: what can come, what comes of it, and back')
        .addOption(new Option('--ascii', 'plain ASCII')),
    ),
  ).action(async (typed: string, flags: WalkFlags) => done(await walk(typed, flags, desk)))
