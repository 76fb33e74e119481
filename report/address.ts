/**
 * The address of a run: everything needed to see it again, short enough to paste.
 *
 *   <scenario>[,<choice>=<value>][,tasks=<n>]@<fingerprint>:<schedule>
 *   stale-dma,unmap=per-mapping@9f3c:0x12.1.0.2x3
 *
 * A schedule is the lane choices joined by dots; `2x3` is choice 2 three times.
 */
import { addressShape, UserError } from './errors.ts'

/** What was chosen, by name, in the order in which it is printed; all but `tasks` are words. */
export type Chosen = Readonly<Record<string, string | number | undefined>>

export interface Address {
  readonly scenario: string
  readonly choices: Chosen
  readonly fingerprint: string
  readonly schedule: readonly number[]
}

/** `stale-dma,unmap=per-mapping,tasks=2` */
export const printSubject = (scenario: string, choices: Chosen): string =>
  Object.entries(choices)
    .filter(([, value]) => value !== undefined)
    .reduce((text, [name, value]) => `${text},${name}=${value}`, scenario)

export const printSchedule = (schedule: readonly number[]): string => {
  const parts: { choice: number; count: number }[] = []
  for (const choice of schedule) {
    const last = parts.at(-1)
    if (last?.choice === choice) last.count++
    else parts.push({ choice, count: 1 })
  }
  return parts.map(({ choice, count }) => (count === 1 ? `${choice}` : `${choice}x${count}`)).join('.')
}

export const printAddress = (address: Address): string =>
  `${printSubject(address.scenario, address.choices)}@${address.fingerprint}:${printSchedule(address.schedule)}`

const example = 'stale-dma,unmap=per-mapping@9f3c:0x12.1.0.2x3'

const malformed = (text: string, detail: string): UserError =>
  new UserError(`Not an address: ${text}`, {
    evidence: [detail],
    possible: [addressShape, `for example  ${example}`],
    attempt: 'copy all of what follows `npx relock replay`, its quotes too',
  })

// A run of one choice longer than this is a slip of the keyboard, and would only eat memory.
const longest = 1_000_000

export const parseSchedule = (text: string, address = text): readonly number[] => {
  if (text === '') return []
  const choices: number[] = []
  for (const part of text.split('.')) {
    const match = /^(\d+)(?:x(\d+))?$/.exec(part)
    if (!match)
      throw malformed(address, `In the schedule, \`${part}\` is neither a choice (0, 1, …) nor a repeated one (0x12).`)
    const count = Number(match[2] ?? 1)
    if (count < 1 || choices.length + count > longest) {
      throw malformed(
        address,
        `In the schedule, \`${part}\` repeats a choice ${count} times; 1 to ${longest} steps are possible.`,
      )
    }
    for (let i = 0; i < count; i++) choices.push(Number(match[1]))
  }
  return choices
}

/** What stands before the @, and what a verdict line begins with: a scenario and what was chosen for it. */
export const parseSubject = (text: string, whole = text): { readonly scenario: string; readonly choices: Chosen } => {
  let scenario = text
  let choices: Chosen = {}
  // Choices are taken from the end, so that a comma in a path does no harm.
  for (;;) {
    const match = /^(.+),([a-z]+)=([^,]*)$/s.exec(scenario)
    if (!match) break
    const [, rest = '', name, value = ''] = match
    if (name === 'tasks' && !/^[1-9]\d{0,3}$/.test(value)) {
      throw malformed(whole, `tasks=${value} is not a number of tasks.`)
    }
    choices = name === 'tasks' ? { tasks: Number(value), ...choices } : { [name!]: value, ...choices }
    scenario = rest
  }
  return { scenario, choices }
}

export const parseAddress = (text: string): Address => {
  // A scenario may be a path, and a path may hold anything; the fingerprint is what follows the last @.
  const at = text.lastIndexOf('@')
  if (at < 1) throw malformed(text, 'It has no @fingerprint:schedule.')
  const [, fingerprint, schedule] = /^([0-9a-zA-Z]+):(.*)$/s.exec(text.slice(at + 1)) ?? []
  if (fingerprint === undefined || schedule === undefined) {
    throw malformed(text, `After the @ comes \`${text.slice(at + 1)}\`, which is not fingerprint:schedule.`)
  }
  return { ...parseSubject(text.slice(0, at), text), fingerprint, schedule: parseSchedule(schedule, text) }
}
