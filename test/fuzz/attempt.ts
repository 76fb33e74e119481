/** One thing somebody might hand in, and what may come of it. */
import type { Outcome } from '../cli/at-desk.ts'
import type { Chance } from './chance.ts'

/** `fits` says what is wrong with an answer, if anything: an acceptance that should have been none, a place that is not named. */
export interface Attempt {
  /** So that it can be tried by hand. */
  readonly said: string
  ask(): Promise<Outcome>
  readonly fits?: (answer: Outcome) => string | undefined
}

export interface Door {
  readonly name: string
  /** One attempt; `folder` is a folder of its own, with nothing in it that matters. */
  attempt(chance: Chance, folder: string): Attempt
}

/** What only somebody who wrote the program could understand. */
const engineWords =
  /Cannot (?:(?:read|set) propert|convert|destructure|access|mix)|is not (?:a function|iterable|defined|a constructor)|Maximum call stack|Invalid (?:array|string) length|Unexpected token .* in JSON|circular structure|\[object |fault in relock|Class extends|(?:Type|Range|Reference|Syntax)Error/

/** Lines of files of the user's are told; those of the engine and of ours are nothing to him. */
const stackLine =
  /^\s+at .*(?:node:|node_modules|[/](?:dist|explore|actors|machines|cli|report|scenarios|shapes|conform|streams|kernel)[/]).*:\d+/m

/** Whatever comes from outside is shown as text: of the characters that steer a terminal only the newline is ours. */
// oxlint-disable-next-line no-control-regex
const steers = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/

/** What is wrong with an answer, whatever was asked. */
export const wrongWith = ({ code, out, err }: Outcome): string | undefined => {
  if (![0, 1, 2, 3].includes(code)) return `it ends with ${code}`
  if (code === 2 && err.trim() === '') return 'it ends with 2 and says nothing'
  const words = engineWords.exec(err) ?? (code === 2 ? engineWords.exec(out) : null)
  if (words) return `it is told in words of the engine: ${words[0]}`
  if (stackLine.test(err)) return 'it shows a stack'
  const sign = steers.exec(out) ?? steers.exec(err)
  if (sign) return `it prints U+${sign[0].codePointAt(0)!.toString(16).padStart(4, '0')} as it is`
  return undefined
}
