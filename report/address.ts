/**
 * The address of a run: everything needed to see it again, short enough to paste.
 *
 *   <scenario>[,<choice>=<value>][,tasks=<n>]@<fingerprint>:<schedule>
 *   stale-dma,unmap=per-mapping@9f3c51d07ab2:0x12.1.0.2x3
 *
 * A schedule is the lane choices joined by dots; `2x3` is choice 2 three times.
 */
import { addressShape, chosenTwice, UserError } from './errors.ts'
import { clip } from './words.ts'

/** What was chosen, by name, in the order in which it is printed; all but `tasks` are words. */
export type Chosen = Readonly<Record<string, string | number | undefined>>

export interface Address {
  readonly scenario: string
  readonly choices: Chosen
  readonly fingerprint: string
  readonly schedule: readonly number[]
}

/** What looks like a choice in a path, and what would look as if it had been put in its place. */
const veiled = (path: string): string => path.replace(/%(?=2[5c])/gi, '%25').replace(/,(?=[A-Za-z][\w-]*=)/g, '%2C')

const unveiled = (text: string): string => text.replace(/%2[5c]/gi, (sign) => (sign === '%25' ? '%' : ','))

/** `stale-dma,unmap=per-mapping,tasks=2`; a comma in a path that would begin a choice is written as `%2C`. */
export const printSubject = (scenario: string, choices: Chosen): string =>
  Object.entries(choices)
    .filter(([, value]) => value !== undefined)
    .reduce((text, [name, value]) => `${text},${name}=${value}`, veiled(scenario))

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

const example = 'stale-dma,unmap=per-mapping@9f3c51d07ab2:0x12.1.0.2x3'

const malformed = (text: string, detail: string): UserError =>
  new UserError(`Not an address: ${clip(text, 400)}`, {
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
    // One run has one address: no zeros before a number.
    const match = /^(0|[1-9]\d{0,8})(?:x(0|[1-9]\d*))?$/.exec(part)
    if (!match)
      throw malformed(
        address,
        `In the schedule, \`${clip(part, 40)}\` is neither a choice (0, 1, …) nor a repeated one (0x12).`,
      )
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

interface Subject {
  readonly scenario: string
  readonly choices: Chosen
}

/** No system has files with longer ones. */
const longestPath = 4096

/**
 * What stands before the @, and what a verdict line begins with: a scenario and what was chosen for it. `isThere` knows files: of what was
 * typed as it came, and looks like choices, as much is a name as is the name of one.
 */
export const parseSubject = (text: string, isThere: (scenario: string) => boolean = () => false): Subject => {
  // Choices are taken from the end, so that a comma in a path does no harm.
  const taken: { readonly before: string; readonly name: string; readonly value: string }[] = []
  for (let end = text.length; ;) {
    const comma = text.lastIndexOf(',', end - 1)
    const [, name, value] = (comma > 0 && /^([A-Za-z][\w-]*)=(.*)$/s.exec(text.slice(comma + 1, end))) || []
    if (name === undefined || value === undefined) break
    taken.push({ before: text.slice(0, comma), name, value })
    end = comma
  }
  const isName = (name: string): boolean => name.length <= longestPath && isThere(unveiled(name))
  const file = taken.findLastIndex(({ before }) => isName(before))
  const choices = file >= 0 ? taken.slice(0, file + 1) : isName(text) ? [] : taken
  return { scenario: unveiled(choices.at(-1)?.before ?? text), choices: chosenIn(choices.toReversed(), text) }
}

const chosenIn = (taken: readonly { readonly name: string; readonly value: string }[], text: string): Chosen => {
  const chosen = new Map<string, string | number>()
  for (const { name, value } of taken) {
    if (chosen.has(name)) throw chosenTwice(text, name, [chosen.get(name)!, value])
    if (name === 'tasks' && !/^[1-9]\d{0,3}$/.test(value))
      throw new UserError(`tasks=${value} is not a number of tasks.`, {
        evidence: [`It stands in ${clip(text, 200)}.`],
        attempt: 'tasks=2',
      })
    chosen.set(name, name === 'tasks' ? Number(value) : value)
  }
  return Object.fromEntries(chosen)
}

export const parseAddress = (text: string): Address => {
  // A scenario may be a path, and a path may hold anything; the fingerprint is what follows the last @.
  const at = text.lastIndexOf('@')
  if (at < 1) throw malformed(text, 'It has no @fingerprint:schedule.')
  const [, fingerprint, schedule] = /^([0-9a-zA-Z]+):(.*)$/s.exec(text.slice(at + 1)) ?? []
  if (fingerprint === undefined || schedule === undefined) {
    throw malformed(text, `After the @ comes \`${text.slice(at + 1)}\`, which is not fingerprint:schedule.`)
  }
  return { ...parseSubject(text.slice(0, at)), fingerprint, schedule: parseSchedule(schedule, text) }
}
