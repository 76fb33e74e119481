/** What is said of turns and messages. */
import type { PageData } from '../data.ts'
import type { Machine, Turn } from './machine.ts'
import type { Step } from './run.ts'

/** A message as people call it, and what it carries. */
export const messageWords = (page: PageData, { model }: Machine, message: number): string => {
  const { type, word = type, words } = model.messages[message]!
  return `${page.texts[word]!} ${page.texts[words]!}`.trimEnd()
}

/** A turn in words: `vmm0/unmap → type1: vfio_find_dma 0x1000+0x1000`. */
export const turnWords = (page: PageData, machine: Machine, { lane, entry }: Turn): string => {
  const { model } = machine
  const [from, to, outside] = model.lanes[lane]!
  const said = messageWords(page, machine, entry.message)
  const sender = page.texts[from < 0 ? (outside ?? -1) : model.actors[from]!.id] ?? 'from outside'
  return `${sender} → ${page.texts[model.actors[to]!.id]!}: ${said}`
}

const isLocking = /^(?:(?:try|un)?lock|(?:down|up)_\w+)$/

/**
 * A turn that may be taken, as people say it: who does it, the kernel's function, and to what. `before`: the steps before it, for an answer is
 * said by what was asked.
 */
export const saidOf = (page: PageData, machine: Machine, turn: Turn, before: readonly Step[]): string => {
  const { actors, lanes, messages } = machine.model
  const [from, to] = lanes[turn.lane]!
  if (from < 0) return turnWords(page, machine, turn)
  const { type, word = type, words } = messages[turn.entry.message]!
  const carried = page.texts[words]!
  const nameOf = (actor: number): string => page.texts[actors[actor]!.id]!
  const threadOf = (actor: number): string | undefined => {
    const thread = actors[actor]!.thread
    return thread === undefined ? undefined : page.texts[thread]
  }
  /** Inside its own thread a call needs no surname. */
  const callOf = (actor: number, thread: string): string => {
    const name = nameOf(actor)
    return /^[/.]/.test(name.slice(thread.length)) && name.startsWith(thread) ? name.slice(thread.length + 1) : name
  }
  const said = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ')
  const [by, on] = [threadOf(from), threadOf(to)]
  if (by !== undefined && by === on) {
    if (page.texts[type] === 'CALL') return `${by}: ${said(callOf(to, by), carried)}`
    if (page.texts[type] === 'RETURN') return `${by}: ${said(callOf(from, by), 'returned', carried)}`
    return turnWords(page, machine, turn)
  }
  if (by !== undefined) {
    const spoken = page.texts[word]!
    return `${by}: ${said(spoken, isLocking.test(spoken) ? '' : 'at', nameOf(to), carried)}`
  }
  const asked = before.findLast((step) => step.from === to && step.to === from)
  if (on === undefined || asked === undefined) return turnWords(page, machine, turn)
  const request = messages[asked.entry.message]!
  // What a procedure says in the kernel's words was said so when it was asked.
  if (request.word === undefined)
    return asked.words.startsWith(`${on}: `) ? `${asked.words} done` : turnWords(page, machine, turn)
  return `${on}: ${said('hears answer of', page.texts[request.word]!, carried, 'from', nameOf(from))}`
}
