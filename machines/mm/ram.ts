/**
 * What is in memory: the contents of the pages that were written to, as latin1 text; a page that is not there is all zeros. A READ or WRITE
 * may run on into the pages behind the first, as far as they lie together.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import type { Heard, Said } from '../say.ts'
import { pageBytes, type Page } from './extent.ts'
import type { Copy } from './fork.ts'

/** Page number → what it holds. */
type Contents = Readonly<Record<number, string>>

interface RamContext {
  /** By where the pages are. */
  readonly memory: Readonly<Record<string, Contents>>
}

type RamEvent =
  | (Heard & { readonly type: 'READ'; readonly page: Page; readonly offset: number; readonly len: number })
  | (Heard & { readonly type: 'WRITE'; readonly page: Page; readonly offset: number; readonly bytes: string })
  | (Heard & { readonly type: 'COPY'; readonly copies: readonly Copy[] })

const blank = '\0'.repeat(pageBytes)

const read = (contents: Contents, n: number, offset: number, len: number): string => {
  const parts: string[] = []
  for (let at = offset; at < offset + len;) {
    const from = at % pageBytes
    const to = Math.min(pageBytes, from + offset + len - at)
    parts.push((contents[n + Math.floor(at / pageBytes)] ?? blank).slice(from, to))
    at += to - from
  }
  return parts.join('')
}

const written = (contents: Contents, n: number, offset: number, bytes: string): Contents => {
  const next = { ...contents }
  for (let done = 0; done < bytes.length;) {
    const page = n + Math.floor((offset + done) / pageBytes)
    const from = (offset + done) % pageBytes
    const part = bytes.slice(done, done + pageBytes - from)
    const before = next[page] ?? blank
    next[page] = before.slice(0, from) + part + before.slice(from + part.length)
    done += part.length
  }
  return next
}

/** Touches only pages that hold something. */
const copied = (memory: RamContext['memory'], { from, to }: Copy): RamContext['memory'] => {
  const moved = Object.entries(memory[from.in] ?? {}).flatMap(([page, bytes]) => {
    const index = Number(page) - from.n
    return index >= 0 && index < from.pages ? [[to.n + index, bytes] as const] : []
  })
  return moved.length === 0 ? memory : { ...memory, [to.in]: { ...memory[to.in], ...Object.fromEntries(moved) } }
}

export const ram = setup({
  types: {
    context: {} as RamContext,
    events: {} as RamEvent,
    emitted: {} as Said,
  },
  actions: {
    bytes: emit(({ context, event }) => {
      assertEvent(event, 'READ')
      const { page, offset, len } = event
      return answer(event, 'BYTES', { bytes: read(context.memory[page.in] ?? {}, page.n, offset, len) })
    }),
    write: assign(({ context: { memory }, event }) => {
      assertEvent(event, 'WRITE')
      const { page, offset, bytes } = event
      return { memory: { ...memory, [page.in]: written(memory[page.in] ?? {}, page.n, offset, bytes) } }
    }),
    written: emit(({ event }) => answer(event, 'WRITTEN')),
    copy: assign(({ context, event }) => {
      assertEvent(event, 'COPY')
      return { memory: event.copies.reduce(copied, context.memory) }
    }),
    copied: emit(({ event }) => answer(event, 'COPIED')),
  },
}).createMachine({
  id: 'ram',
  context: { memory: {} },
  initial: 'ready',
  states: {
    ready: {
      on: {
        READ: { actions: 'bytes' },
        WRITE: { actions: ['write', 'written'] },
        COPY: { actions: ['copy', 'copied'] },
      },
    },
  },
})
