/** Edits of a model that change nothing of what it does, but the addresses of its runs. */
import { canonical } from '../../explore/states/canonical.ts'
import { randomFrom } from '../../explore/sampling/random.ts'
import { isRight } from '../../explore/shapes.ts'
import type { Component, Message, Outcome, Send, System } from '../../explore/system.ts'
import type { Trace } from '../../explore/runs/trace.ts'

export interface Edited {
  /** What was done. */
  readonly what: string
  readonly system: System<any>
}

export type Edit = (system: System<any>, run: Trace, seed: number) => Edited

const oneOf = <T>(all: readonly T[], seed: number): T => all[Math.floor(randomFrom(seed)() * all.length)]!

const unique = <T>(all: readonly T[]): readonly T[] => [...new Set(all)]

/** Another model, as far as its fingerprint can say. */
const edited = (system: System<any>, change: Partial<System<any>>): System<any> =>
  isRight({ ...system, ...change, fingerprint: `${system.fingerprint}e` })

/** Every text in data that is exactly this. */
const swapped = (data: unknown, before: string, now: string): any => {
  if (data === before) return now
  if (Array.isArray(data)) return data.map((each) => swapped(each, before, now))
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(Object.entries(data).map(([field, value]) => [field, swapped(value, before, now)]))
}

/** The same component, spoken to and speaking through these. */
const through = (
  each: Component,
  heard: (message: Message) => Message,
  said: (send: Send) => Send,
): Pick<Component, 'accepts' | 'receive'> & Partial<Component> => {
  const spoken = (outcome: Outcome): Outcome => ({ ...outcome, sends: outcome.sends.map(said) })
  return {
    accepts: (local, message) => each.accepts(local, heard(message)),
    receive: (local, message) => spoken(each.receive(local, heard(message))),
    ...(each.confirm && {
      confirm: (local: unknown, message: Message) => spoken(each.confirm!(local, heard(message))),
    }),
  }
}

/** An actor that takes part is called otherwise, wherever it is spoken of. */
export const renaming: Edit = (system, run, seed) => {
  const before = oneOf(unique(run.steps.map(({ to }) => to)), seed)
  const now = `${before}_called_otherwise`
  const send = ({ to, message }: Send): Send => ({
    to: to === before ? now : to,
    message: swapped(message, before, now),
  })
  const list = (ids: readonly string[]): readonly string[] => ids.map((id) => (id === before ? now : id))
  const components = system.components.map((each): Component => {
    const { owes, endedBy, holders, nest, guardedBy, offers, thread } = each
    return {
      ...each,
      ...through(each, (message) => swapped(message, now, before), send),
      id: each.id === before ? now : each.id,
      ...(thread === before && { thread: now }),
      ...(offers && { offers: (local: unknown) => offers(local).map((message) => swapped(message, before, now)) }),
      ...(owes && { owes: (local: unknown) => list(owes(local)) }),
      ...(endedBy && {
        endedBy: (local: unknown, waiter: string) => list(endedBy(local, waiter === now ? before : waiter)),
      }),
      ...(holders && {
        holders: (local: unknown) => ({ ...holders(local), threads: list(holders(local).threads) }),
      }),
      ...(nest && { nest: { ...nest, after: list(nest.after) } }),
      ...(guardedBy === before && { guardedBy: now }),
    }
  })
  const view = (read: (id: string) => unknown) => system.view((id) => read(id === before ? now : id))
  return {
    what: `${before} is called ${now}`,
    system: edited(system, { components, start: system.start.map(send), view }),
  }
}

/** Somebody is there to whom nobody speaks. */
export const bystander: Edit = (system, _, seed) => {
  const alone: Component<null> = {
    id: 'bystander',
    initial: null,
    accepts: () => true,
    receive: (local) => ({ local, sends: [], findings: [], notes: [], ignored: true }),
    key: () => '',
    show: () => ({ state: 'alone', data: {} }),
  }
  const at = Math.floor(randomFrom(seed)() * (system.components.length + 1))
  return {
    what: `a bystander before component ${at}`,
    system: edited(system, { components: system.components.toSpliced(at, 0, alone) }),
  }
}

/** What an actor says has one more field, which whoever hears it passes over. */
export const field: Edit = (system, run, seed) => {
  const who = oneOf(unique(run.steps.map(({ from }) => from)), seed)
  const without = (message: Message): Message =>
    Object.fromEntries(Object.entries(message).filter(([name]) => name !== 'nobodyReads')) as Message
  const withIt = (message: Message): Message => (message.from === who ? { ...message, nobodyReads: 1 } : message)
  const send = ({ to, message }: Send): Send => ({ to, message: withIt(message) })
  const components = system.components.map((each): Component => ({
    ...each,
    ...through(each, without, send),
    ...(each.offers && { offers: (local: unknown) => each.offers!(local).map(withIt) }),
    show: (local) => {
      const { state, data } = each.show(local)
      return { state, data: { ...data, nobodyReads: 1 } }
    },
  }))
  return {
    what: `${who} says one more field`,
    system: edited(system, { components, start: system.start.map(send) }),
  }
}

interface Halfway {
  readonly local: any
  /** What was heard, and is not yet seen to. */
  readonly heard: Message | undefined
}

/** One kind of step is made in two: the message is heard, then, in a step of its own, it is seen to. Nothing else is heard between. */
export const splitting: Edit = (system, run, seed) => {
  const kinds = unique(run.steps.map(({ to, message }) => `${to} ${message.type}`))
  const [who, type] = oneOf(kinds, seed).split(' ') as [string, string]
  const goOn = 'GO_ON'
  const components = system.components.map((each): Component => {
    if (each.id !== who) return each
    const whole = (outcome: Outcome): Outcome<Halfway> => ({
      ...outcome,
      local: { local: outcome.local, heard: undefined },
    })
    const half = ({ local }: Halfway, heard: Message): Outcome<Halfway> => ({
      local: { local, heard },
      sends: [{ to: who, message: { type: goOn, from: who } }],
      findings: [],
      notes: [],
      ignored: false,
    })
    const inTwo =
      (receive: NonNullable<Component['confirm']>) =>
      (at: Halfway, message: Message): Outcome<Halfway> => {
        if (at.heard) return whole(receive(at.local, at.heard))
        return message.type === type ? half(at, message) : whole(receive(at.local, message))
      }
    const { confirm, waits, rests, holders, owes, endedBy, heap, leadsTo, offers } = each
    return {
      ...each,
      initial: { local: each.initial, heard: undefined } satisfies Halfway,
      accepts: ({ local, heard }: Halfway, message) =>
        heard ? message.type === goOn : message.type !== goOn && each.accepts(local, message),
      receive: inTwo((local, message) => each.receive(local, message)),
      ...(confirm && { confirm: inTwo((local, message) => confirm(local, message)) }),
      key: ({ local, heard }: Halfway) => `${each.key(local)}${canonical(heard)}`,
      show: ({ local, heard }: Halfway) => {
        const { state, data } = each.show(local)
        return { state: heard ? `${state}, halfway` : state, data }
      },
      ...(offers && { offers: ({ local, heard }: Halfway) => (heard ? [] : offers(local)) }),
      ...(waits && { waits: ({ local, heard }: Halfway) => heard !== undefined || waits(local) }),
      ...(rests && { rests: ({ local, heard }: Halfway) => heard === undefined && rests(local) }),
      ...(holders && { holders: ({ local }: Halfway) => holders(local) }),
      ...(owes && {
        owes: ({ local, heard }: Halfway) => (heard ? [...owes(local), heard.from] : owes(local)),
      }),
      ...(endedBy && { endedBy: ({ local }: Halfway, waiter: string) => endedBy(local, waiter) }),
      ...(heap && { heap: ({ local }: Halfway) => heap(local) }),
      ...(leadsTo && { leadsTo: ({ local }: Halfway) => leadsTo(local) }),
    }
  })
  const view = (read: (id: string) => unknown) =>
    system.view((id) => (id === who ? (read(id) as Halfway).local : read(id)))
  return { what: `${who} sees to ${type} in two steps`, system: edited(system, { components, view }) }
}

/** Somebody has something to do, and nothing with the others. */
export const passerBy: Edit = (system, _, seed) => {
  const most = 1 + Math.floor(randomFrom(seed + 1)() * 6)
  const walks: Component<number> = {
    id: 'passer-by',
    initial: 0,
    accepts: () => true,
    receive: (local) => ({
      local: local + 1,
      sends: local < most ? [{ to: 'passer-by', message: { type: 'WALK', from: 'passer-by' } }] : [],
      findings: [],
      notes: [],
      ignored: false,
    }),
    key: String,
    show: (local) => ({ state: 'walks', data: { steps: local } }),
  }
  const at = Math.floor(randomFrom(seed)() * (system.components.length + 1))
  return {
    what: `somebody passes by in ${most + 1} steps, before component ${at}`,
    system: edited(system, {
      components: system.components.toSpliced(at, 0, walks),
      start: [...system.start, { to: 'passer-by', message: { type: 'WALK', from: 'env' } }],
    }),
  }
}

/** One after the other. */
const together =
  (...all: readonly Edit[]): Edit =>
  (system, run, seed) =>
    all.reduce<Edited>(
      (so, edit, nth) => {
        const { what, system: now } = edit(so.system, run, seed + nth)
        return { what: so.what === '' ? what : `${so.what}; ${what}`, system: now }
      },
      { what: '', system },
    )

export const edits = {
  renaming,
  bystander,
  field,
  splitting,
  passerBy,
  // Who is renamed goes by another name than in the run, so that comes last.
  all: together(bystander, passerBy, field, splitting, renaming),
} as const satisfies Readonly<Record<string, Edit>>
