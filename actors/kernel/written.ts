/** What a call is written as in a scenario file: most words are called as what they do, and some do one thing in several ways. */
import { wordOf, type Word } from '../scripts/script.ts'

interface Told {
  readonly on?: unknown
  readonly kernel?: unknown
}

const others: Readonly<Record<string, (call: Told) => string>> = {
  setMemory: ({ on }) => (on === false ? 'disableMemory' : 'enableMemory'),
  submit: ({ kernel }) => (kernel === true ? 'submitKernel' : 'submit'),
  info: () => 'deviceInfo',
}

/** The name of the function that makes such a call, as `relock` exports it. */
export const writtenAs = (call: Word): string => {
  const word = wordOf(call)
  return Object.hasOwn(others, word) ? others[word]!(call as Told) : word
}
