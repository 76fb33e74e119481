/**
 * Programs of threads and shared variables, as others publish them, told as tables of guarded commands. A thread is a component, and so is each
 * variable; an access is a message to the variable, which is one atomic step of it, and its answer.
 */
import { fromCommands, type CommandTable, type Said, type Variables } from '../../explore/commands/commands.ts'
import type { Message, System } from '../../explore/system.ts'

type Access =
  | { readonly type: 'READ'; readonly of: string }
  | { readonly type: 'WRITE'; readonly of: string; readonly value: number }
  | { readonly type: 'ADD'; readonly of: string; readonly value: number }
  | { readonly type: 'SWAP'; readonly of: string; readonly expected: number; readonly value: number }
  | { readonly type: 'LOCK' | 'UNLOCK'; readonly of: string }

/** What a thread does, and is answered: what was read, what stood there before, or whether it was exchanged (1). */
export type Thread = () => Generator<Access, void, number>

export const r = (of: string): Access => ({ type: 'READ', of })
export const w = (of: string, value: number): Access => ({ type: 'WRITE', of, value })
/** fetch_add: what stood there before is the answer. */
export const add = (of: string, value = 1): Access => ({ type: 'ADD', of, value })
/** compare_exchange: 1 if it was done. */
export const cas = (of: string, expected: number, value: number): Access => ({ type: 'SWAP', of, expected, value })
export const lock = (of: string): Access => ({ type: 'LOCK', of })
export const unlock = (of: string): Access => ({ type: 'UNLOCK', of })

/** These accesses, one after the other. */
export const just = (...accesses: readonly Access[]): Thread =>
  function* () {
    for (const each of accesses) yield each
  }

/** So many threads alike; each is given its number, from 0. */
export const times = (count: number, thread: (number: number) => Thread): readonly Thread[] =>
  Array.from({ length: count }, (_, number) => thread(number))

interface Running {
  readonly begun: boolean
  readonly answers: readonly number[]
  readonly over: boolean
}

interface Cell {
  readonly value: number
  /** Who wrote it last: without it, two who write the same may do so in either order. */
  readonly by: string
  readonly held: string
}

/** What a thread does next when it was answered so. */
const nextOf = (thread: Thread, answers: readonly number[]): Access | undefined => {
  const going = thread()
  let at = going.next()
  for (const each of answers) at = going.next(each)
  return at.done ? undefined : at.value
}

const threadOf = (thread: Thread, id: string): Variables<Running> => {
  const said = (answers: readonly number[]): readonly Said[] => {
    const next = nextOf(thread, answers)
    if (next === undefined) return []
    const { of, ...access } = next
    return [{ to: of, ...access, by: `${id} ${answers.length}` }]
  }
  const behind = (answers: readonly number[]) => ({ answers, over: nextOf(thread, answers) === undefined })
  const answered = ({ answers }: Running, { value }: Message) => [...answers, value as number]
  return {
    start: { begun: false, answers: [], over: false },
    processes: {
      [`${id} itself`]: {
        begins: { when: ({ begun }) => !begun, do: () => ({ begun: true, ...behind([]) }), sends: () => said([]) },
      },
    },
    receives: {
      ANSWER: {
        do: (state, heard) => behind(answered(state, heard)),
        sends: (state, heard) => said(answered(state, heard)),
      },
    },
    mayEnd: ({ over }) => over,
  }
}

const variable = (value: number, writes: 'by whom' | 'by value'): Variables<Cell> => {
  const answer = (of: (cell: Cell, heard: Message) => number) => (cell: Cell, heard: Message) => [
    { to: heard.from, type: 'ANSWER', value: of(cell, heard) },
  ]
  const written = (made: number, by: unknown): Partial<Cell> => ({
    value: made,
    ...(writes === 'by whom' && { by: by as string }),
  })
  const old = answer((cell) => cell.value)
  const done = answer(() => 0)
  return {
    start: { value, by: '', held: '' },
    receives: {
      READ: { do: () => ({}), sends: old },
      WRITE: { do: (_, heard) => written(heard['value'] as number, heard['by']), sends: done },
      ADD: { do: (cell, heard) => written(cell.value + (heard['value'] as number), heard['by']), sends: old },
      SWAP: {
        do: (cell, heard) => (cell.value === heard['expected'] ? written(heard['value'] as number, heard['by']) : {}),
        sends: answer((cell, heard) => Number(cell.value === heard['expected'])),
      },
      LOCK: { when: ({ held }) => held === '', do: (_, heard) => ({ held: heard.from }), sends: done },
      UNLOCK: { do: () => ({ held: '' }), sends: done },
    },
    mayEnd: true,
  }
}

type World = Readonly<Record<string, Running | Cell>>

export interface Program {
  readonly threads: readonly Thread[]
  /** Every variable, and what it is at the start. */
  readonly variables: Readonly<Record<string, number>>
  /** Two writes of the same value commute, or no two. */
  readonly writes?: 'by whom' | 'by value'
}

/** Variables by these names, all of them 0. */
export const zeros = (...names: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(names.map((name) => [name, 0]))

export const programOf = (name: string, { threads, variables, writes = 'by whom' }: Program): System<World> =>
  fromCommands<World>({
    name,
    components: {
      ...Object.fromEntries(threads.map((each, number) => [`t${number}`, threadOf(each, `t${number}`)])),
      ...Object.fromEntries(Object.entries(variables).map(([id, value]) => [id, variable(value, writes)])),
    },
  } as CommandTable<World>)
