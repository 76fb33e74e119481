/**
 * Random systems in which each thread has a device and a lock of its own, beside what all share; or in which there are no threads, and each participant
 * has a device. Most do the same with what is theirs; some reach for somebody else's. Plain data, so that it prints.
 */
import fc from 'fast-check'
import { always, sometimes } from '../../explore/claims/properties.ts'
import type { Component, Property, System } from '../../explore/system.ts'
import { begin, component, type Handled, type Post } from './component.ts'
import { mutex, type Register } from './objects.ts'
import { thread, type Op } from './thread.ts'

/** Whose: `next` is that of the next one, `first` that of number 0. */
const whose = ['own', 'own', 'own', 'shared', 'shared', 'next', 'first'] as const

interface Does {
  readonly whose: (typeof whose)[number]
  readonly what: 'READ' | 'WRITE' | 'LOCK' | 'UNLOCK' | 'POKE'
  readonly value: number
}

export interface OwnDevices {
  readonly members: number
  readonly areThreads: boolean
  readonly does: readonly Does[]
  /** What the last of them does otherwise. */
  readonly odd: Does | null
  /** What a device does when it is poked: by its value, what it becomes and whom it tells. */
  readonly poked: readonly {
    readonly next: number
    readonly tells: 'nobody' | 'shared' | 'twice'
    readonly warns: boolean
  }[]
  readonly isGuarded: boolean
  readonly properties: readonly number[]
}

const does: fc.Arbitrary<Does> = fc.record({
  whose: fc.constantFrom(...whose),
  what: fc.constantFrom('READ', 'WRITE', 'LOCK', 'UNLOCK', 'POKE', 'POKE'),
  value: fc.nat(2),
})

export const ownDevices: fc.Arbitrary<OwnDevices> = fc
  .record({
    members: fc.constantFrom(2, 2, 3),
    areThreads: fc.constantFrom(true, true, false),
    does: fc.array(does, { minLength: 1, maxLength: 4 }),
    odd: fc.option(does, { freq: 6 }),
    poked: fc.array(
      fc.record({
        next: fc.nat(2),
        tells: fc.constantFrom('nobody', 'nobody', 'shared', 'twice'),
        warns: fc.constantFrom(false, false, false, true),
      }),
      { minLength: 3, maxLength: 3 },
    ),
    isGuarded: fc.boolean(),
    properties: fc.subarray([0, 1, 2]),
  })
  .map((each) => ({ ...each, does: each.members > 2 ? each.does.slice(0, 2) : each.does }))

const device = (
  id: string,
  shared: string,
  { poked }: OwnDevices,
  claims: Pick<Component, 'guardedBy'>,
): Component<Register> =>
  component<Register>({
    id,
    initial: { value: 0 },
    ...claims,
    on: {
      READ: (local, { from }) => ({ sends: [{ to: from, type: 'VALUE', value: local.value }] }),
      WRITE: (_, { from, value }) => ({ local: { value: Number(value) }, sends: [{ to: from, type: 'WRITTEN' }] }),
      POKE: ({ value }, { from }) => {
        const { next, tells, warns } = poked[value]!
        const news: Post = { to: shared, type: 'NEWS', value: next }
        const told: readonly Post[] =
          id === shared ? [] : { nobody: [], shared: [news], twice: [news, { ...news, value }] }[tells]
        return {
          local: { value: next },
          sends: [{ to: from, type: 'POKED', value }, ...told],
          findings: warns ? [{ kind: 'warn', title: 'poked too often', fatal: false }] : [],
        }
      },
      NEWS: (local, { value }) => (value === 2 ? 'ignore' : { local: { value: (local.value + Number(value)) % 3 } }),
    },
  })

const opsOf = ({ does: all, odd, members }: OwnDevices, number: number): readonly Op[] =>
  all.map((each, at): Op => {
    const one = at === 0 && number === members - 1 ? (odd ?? each) : each
    const of = { own: number, shared: '', next: (number + 1) % members, first: 0 }[one.whose]
    const isLock = one.what === 'LOCK' || one.what === 'UNLOCK'
    return { to: `${isLock ? 'lock' : 'device'}${of}`, type: one.what, fields: () => ({ value: one.value }) }
  })

/** Does one thing after the other, as a thread does, and claims nothing. */
const participant = (id: string, ops: readonly Op[]): Component<number> => {
  const goOn = (at: number): Handled<number> => {
    const op = ops[at]
    return { local: at, sends: op ? [{ to: op.to, type: op.type, task: id, ...op.fields?.({}) }] : [] }
  }
  return component<number>({
    id,
    initial: -1,
    waits: (at) => at < ops.length,
    on: { '*': (at) => goOn(at + 1) },
  })
}

export const ownDevicesSystem = (description: OwnDevices): { system: System<any>; properties: readonly Property[] } => {
  const { members, areThreads, isGuarded, properties } = description
  const numbers = Array.from({ length: members }, (_, number) => number)
  const watched = (number: number) => properties.includes(number)
  const system: System<any> = {
    name: 'own devices',
    fingerprint: 'd1',
    components: [
      ...numbers.map((each) => (areThreads ? thread : participant)(`m${each}`, opsOf(description, each)) as Component),
      ...[...numbers, ''].map((each) => ({ ...mutex(`lock${each}`), lockClass: 'device->lock' })),
      ...[...numbers, ''].map((each) =>
        device(`device${each}`, 'device', description, isGuarded && each !== '' ? { guardedBy: `lock${each}` } : {}),
      ),
    ],
    start: numbers.map((each) => begin(`m${each}`)),
    view: (read) => ({
      values: watched(0) ? numbers.map((each) => (read(`device${each}`) as Register).value) : [],
      shared: watched(1) ? (read('device') as Register).value : 0,
      first: watched(2) ? (read('device0') as Register).value : 0,
    }),
  }
  const all: readonly Property[] = [
    sometimes('all are 1', ({ values }) => values.every((each: number) => each === 1)),
    always('what is shared is not 2', ({ shared }) => shared !== 2, { finding: 'bug' }),
    always('the first is not 2', ({ first }) => first !== 2),
  ]
  return { system, properties: all.filter((_, number) => watched(number)) }
}
