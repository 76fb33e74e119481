/** The program in this process, from its words to its exit code: for all that needs no process of its own, which costs more to start than most answers. */
import type { Desk } from '../../cli/desk.ts'
import { run } from '../../cli/run.ts'

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Neither stream is a terminal, and nobody sits there. */
export const silentDesk = (
  said: { out: string; err: string } = { out: '', err: '' },
  env: Readonly<Record<string, string>> = {},
): Desk => {
  const files: string[] = []
  return {
    out: { isTTY: false, write: (text: string) => (said.out += text) },
    err: { isTTY: false, write: (text: string) => (said.err += text) },
    env: { COLUMNS: '80', ...env },
    stop: new AbortController().signal,
    line: async () => {},
    known() {},
    files,
    runs: (file) => void files.push(file),
    // Nothing changes.
    rounds: { before: undefined, read: () => new AbortController().signal, next: async () => undefined },
  }
}

/** What it says on either stream, and the code that it would end with. */
export const atDesk = async (
  words: readonly string[],
  env?: Readonly<Record<string, string>>,
  more: Partial<Desk> = {},
): Promise<Outcome> => {
  const said = { out: '', err: '' }
  const code = await run(words, { ...silentDesk(said, env), ...more })
  return { code, ...said }
}

let last: Promise<unknown> = Promise.resolve()

/** The same in a folder: one after the other, because a process is in one folder at a time. */
export const atDeskIn = (
  folder: string,
  words: readonly string[],
  env?: Readonly<Record<string, string>>,
  more?: Partial<Desk>,
): Promise<Outcome> => {
  const turn = last.then(async () => {
    const before = process.cwd()
    process.chdir(folder)
    try {
      return await atDesk(words, env, more)
    } finally {
      process.chdir(before)
    }
  })
  last = turn.catch(() => {})
  return turn
}
