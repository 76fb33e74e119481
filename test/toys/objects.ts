/** Objects that threads share in the toys. Each answers its sender in the step that handles the request. */
import type { Component, Finding, Message } from '../../explore/system.ts'
import { canonical, component, type Post } from './component.ts'

const answer = ({ from, task }: Message, type: string, fields: Record<string, unknown> = {}): Post => ({
  to: from,
  type,
  task,
  ...fields,
})

const notTheHolder = (id: string): Finding => ({ kind: 'warn', title: `${id} released by another`, fatal: false })

interface Mutex {
  readonly holder: string | null
}

export const mutex = (id: string): Component<Mutex> =>
  component<Mutex>({
    id,
    initial: { holder: null },
    lockClass: id,
    acquires: ['LOCK'],
    holders: ({ holder }) => ({ threads: holder === null ? [] : [holder], exclusive: true }),
    on: {
      LOCK: ({ holder }, message) =>
        holder === null ? { local: { holder: String(message.task) }, sends: [answer(message, 'LOCKED')] } : 'defer',
      UNLOCK: ({ holder }, message) =>
        holder === message.task
          ? { local: { holder: null }, sends: [answer(message, 'UNLOCKED')] }
          : { sends: [answer(message, 'UNLOCKED')], findings: [notTheHolder(id)] },
    },
  })

/** One that may be tried: whoever only tries is answered at once. */
export const triedMutex = (id: string): Component<Mutex> =>
  component<Mutex>({
    id,
    initial: { holder: null },
    lockClass: id,
    acquires: ['LOCK'],
    tried: true,
    holders: ({ holder }) => ({ threads: holder === null ? [] : [holder], exclusive: true }),
    on: {
      LOCK: ({ holder }, message) =>
        holder === null ? { local: { holder: String(message.task) }, sends: [answer(message, 'LOCKED')] } : 'defer',
      TRYLOCK: ({ holder }, message) =>
        holder === null
          ? { local: { holder: String(message.task) }, sends: [answer(message, 'LOCKED')] }
          : { sends: [answer(message, 'BUSY')] },
      UNLOCK: ({ holder }, message) =>
        holder === message.task
          ? { local: { holder: null }, sends: [answer(message, 'UNLOCKED')] }
          : { sends: [answer(message, 'UNLOCKED')], findings: [notTheHolder(id)] },
    },
  })

interface Killable {
  readonly holder: string | null
  /** Who waits: the name of the thread's component. */
  readonly waiting: readonly string[]
  readonly killed: boolean
}

/** One whose waiters are interrupted when somebody kills them, and whoever would wait after that. */
export const killableMutex = (id: string): Component<Killable> =>
  component<Killable>({
    id,
    initial: { holder: null, waiting: [], killed: false },
    lockClass: id,
    acquires: ['LOCK'],
    holders: ({ holder }) => ({ threads: holder === null ? [] : [holder], exclusive: false }),
    owes: ({ waiting }) => waiting,
    on: {
      LOCK: (local, message) => {
        if (local.holder === null)
          return { local: { ...local, holder: String(message.task) }, sends: [answer(message, 'LOCKED')] }
        if (local.killed) return { sends: [answer(message, 'INTERRUPTED')] }
        return { local: { ...local, waiting: [...local.waiting, message.from] } }
      },
      UNLOCK: (local, message) => {
        const [first, ...waiting] = local.waiting
        const granted = first === undefined ? [] : [{ to: first, type: 'LOCKED', task: first }]
        return {
          local: { ...local, holder: first ?? null, waiting },
          sends: [answer(message, 'UNLOCKED'), ...granted],
        }
      },
      KILL: ({ holder, waiting }, message) => ({
        local: { holder, waiting: [], killed: true },
        sends: [answer(message, 'KILLED'), ...waiting.map((to) => ({ to, type: 'INTERRUPTED', task: to }))],
      }),
    },
  })

interface Completion {
  readonly by: readonly string[]
  readonly done: boolean
}

/** Who waits goes on when one of `by` has completed it; or, of a count that has to come to zero, when all of them have. */
export const completion = (id: string, by: readonly string[], awaited: 'any' | 'all' = 'any'): Component<Completion> =>
  component<Completion>({
    id,
    initial: { by, done: false },
    lockClass: `(completion)${id}`,
    acquires: ['WAIT'],
    awaited,
    holders: (local) => ({ threads: local.by, exclusive: false }),
    on: {
      WAIT: ({ done }, message) => (done ? { sends: [answer(message, 'COMPLETED')] } : 'defer'),
      COMPLETE: (local, message) => {
        const others = local.by.filter((each) => each !== message.task)
        const left = awaited === 'any' ? [] : others
        return { local: { by: left, done: left.length === 0 }, sends: [answer(message, 'NOTED')] }
      },
    },
  })

interface Rwsem {
  readonly readers: readonly string[]
  readonly writer: string | null
  readonly waiting: { readonly task: string; readonly from: string } | null
}

/** Fair: a writer that came while readers hold it is taken in, and keeps later readers out. */
export const rwsem = (id: string): Component<Rwsem> =>
  component<Rwsem>({
    id,
    initial: { readers: [], writer: null, waiting: null },
    lockClass: id,
    acquires: ['DOWN_READ', 'DOWN_WRITE'],
    holders: ({ readers, writer }) => ({
      threads: writer === null ? [...new Set(readers)] : [writer],
      exclusive: writer !== null,
    }),
    owes: ({ waiting }) => (waiting === null ? [] : [waiting.from]),
    on: {
      DOWN_READ: (local, message) =>
        local.writer !== null || local.waiting !== null
          ? 'defer'
          : {
              local: { ...local, readers: [...local.readers, String(message.task)].toSorted() },
              sends: [answer(message, 'LOCKED')],
            },
      DOWN_WRITE: (local, message) => {
        const task = String(message.task)
        if (local.writer !== null || local.waiting !== null) return 'defer'
        if (local.readers.length > 0) return { local: { ...local, waiting: { task, from: message.from } } }
        return { local: { ...local, writer: task }, sends: [answer(message, 'LOCKED')] }
      },
      UP_READ: ({ readers, writer, waiting }, message) => {
        const at = readers.indexOf(String(message.task))
        const unlocked = answer(message, 'UNLOCKED')
        if (at < 0) return { sends: [unlocked], findings: [notTheHolder(id)] }
        const left = readers.toSpliced(at, 1)
        if (left.length > 0 || waiting === null) return { local: { readers: left, writer, waiting }, sends: [unlocked] }
        const granted = { to: waiting.from, type: 'LOCKED', task: waiting.task }
        return { local: { readers: left, writer: waiting.task, waiting: null }, sends: [unlocked, granted] }
      },
      UP_WRITE: (local, message) =>
        local.writer === message.task
          ? { local: { ...local, writer: null }, sends: [answer(message, 'UNLOCKED')] }
          : { sends: [answer(message, 'UNLOCKED')], findings: [notTheHolder(id)] },
    },
  })

export interface Register {
  readonly value: number
}

type Claims = Pick<Component, 'guardedBy' | 'unguarded'>

/** A shared variable: READ and WRITE, nothing in between. */
export const register = (id: string, value = 0, claims: Claims = {}): Component<Register> =>
  component<Register>({
    id,
    initial: { value },
    ...claims,
    on: {
      READ: (local, message) => ({ sends: [answer(message, 'VALUE', { value: local.value })] }),
      WRITE: (_, message) => ({ local: { value: Number(message.value) }, sends: [answer(message, 'WRITTEN')] }),
    },
  })

/** Answers and does nothing: somewhere to be while a critical section is open. */
export const room = (id: string): Component<null> =>
  component<null>({ id, initial: null, on: { STAY: (_, message) => ({ sends: [answer(message, 'STAYED')] }) } })

type Judge = Readonly<Record<string, unknown>>

/**
 * Hears how every thread ended; when all have, the whole outcome is a finding. So final states can be compared
 * by title.
 */
export const judge = (id: string, threads: number): Component<Judge> =>
  component<Judge>({
    id,
    initial: {},
    on: {
      ENDED: (heard, message) => {
        const local = { ...heard, [String(message.task)]: message.with }
        const ends = Object.keys(local).toSorted()
        const title = `ended with ${ends.map((task) => `${task}=${canonical(local[task])}`).join(' ')}`
        const findings = ends.length < threads ? [] : [{ kind: 'outcome', title, fatal: false }]
        return { local, sends: [answer(message, 'NOTED')], findings }
      },
    },
  })
