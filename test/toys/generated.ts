/**
 * Random small systems: two or three threads, locks, registers, some locking wrong. A description is plain data,
 * so that it prints.
 */
import fc from 'fast-check'
import { always, eventually, sometimes } from '../../explore/claims/properties.ts'
import type { Property, System } from '../../explore/system.ts'
import { begin } from './component.ts'
import { completion, judge, mutex, register, rwsem, type Register } from './objects.ts'
import { complete, thread, waitFor, type Op, type Thread } from './thread.ts'

type Access = { readonly register: number; readonly does: 'READ' | 'WRITE' | 'ADD' }

type Section =
  | { readonly kind: 'locked'; readonly lock: number; readonly accesses: readonly Access[] }
  | { readonly kind: 'nested'; readonly locks: readonly [number, number]; readonly access: Access }
  | { readonly kind: 'shared'; readonly access: Access }
  | { readonly kind: 'bare'; readonly access: Access }
  | { readonly kind: 'spin'; readonly register: number; readonly value: number }
  | { readonly kind: 'either way'; readonly register: number }
  | { readonly kind: 'only lock' | 'only unlock' | 'waits' | 'completes'; readonly lock: number }

/** Locks are 0 and 1 (mutexes) and 2 (the rwsem). */
export interface Description {
  /** Per register, the lock it claims to be guarded by. */
  readonly registers: readonly (number | null)[]
  readonly scripts: readonly (readonly Section[])[]
  readonly properties: readonly number[]
}

const registerNumber = fc.nat(1)
const access: fc.Arbitrary<Access> = fc.record({
  register: registerNumber,
  does: fc.constantFrom('READ', 'WRITE', 'ADD'),
})
const anyLock = fc.nat(2)

/** Every access under the lock its register claims, so that the reduction keeps its facts. */
const careful = (registers: readonly (number | null)[]): fc.Arbitrary<Section> =>
  access.map((one) => {
    const lock = registers[one.register] ?? null
    return lock === null ? { kind: 'bare', access: one } : { kind: 'locked', lock, accesses: [one] }
  })

const careless: fc.Arbitrary<Section> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('locked' as const),
      lock: anyLock,
      accesses: fc.array(access, { minLength: 1, maxLength: 2 }),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('nested' as const),
      locks: fc.constantFrom<[number, number]>([0, 1], [1, 0], [1, 0], [0, 2]),
      access,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('shared' as const), access }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('bare' as const), access }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('either way' as const), register: registerNumber }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('spin' as const), register: registerNumber, value: fc.nat(2) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('only lock' as const, 'only unlock' as const), lock: fc.nat(1) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('waits' as const, 'completes' as const), lock: fc.nat(1) }),
  },
)

export const propertyCount = 5

export const descriptions: fc.Arbitrary<Description> = fc
  .record({
    registers: fc.array(fc.option(anyLock), { minLength: 2, maxLength: 2 }),
    threads: fc.constantFrom(2, 2, 2, 3),
    careful: fc.boolean(),
    properties: fc.subarray(Array.from({ length: propertyCount }, (_, number) => number)),
  })
  .chain(({ registers, threads, properties, careful: withCare }) => {
    const section = withCare ? careful(registers) : careless
    const script = fc.array(section, { minLength: 1, maxLength: threads === 2 ? 2 : 1 })
    return fc
      .array(script, { minLength: threads, maxLength: threads })
      .map((scripts) => ({ registers, scripts, properties }))
  })

const lockId = (lock: number): string => (lock === 2 ? 'sem' : `lock${lock}`)
const take = (lock: number): Op => ({ to: lockId(lock), type: lock === 2 ? 'DOWN_WRITE' : 'LOCK' })
const drop = (lock: number): Op => ({ to: lockId(lock), type: lock === 2 ? 'UP_WRITE' : 'UNLOCK' })

const accessOps = ({ register: number, does }: Access): readonly Op[] => {
  const to = `r${number}`
  const read: Op = { to, type: 'READ', state: 'inside', keeps: ({ value }) => ({ last: value }) }
  const write: Op = { to, type: 'WRITE', state: 'inside', fields: () => ({ value: 1 }) }
  const add: Op = { ...write, fields: ({ last }) => ({ value: (Number(last) + 1) % 3 }) }
  return { READ: [read], WRITE: [write], ADD: [read, add] }[does]
}

/** `here` is the number of the first. */
const sectionOps = (section: Section, here: number): readonly Op[] => {
  switch (section.kind) {
    case 'locked':
      return [take(section.lock), ...section.accesses.flatMap(accessOps), drop(section.lock)]
    case 'nested': {
      const [outer, inner] = section.locks
      return [take(outer), take(inner), ...accessOps(section.access), drop(inner), drop(outer)]
    }
    case 'shared':
      return [{ to: 'sem', type: 'DOWN_READ' }, ...accessOps(section.access), { to: 'sem', type: 'UP_READ' }]
    case 'bare':
      return accessOps(section.access)
    case 'only lock':
      return [take(section.lock)]
    case 'only unlock':
      return [drop(section.lock)]
    case 'waits':
      return [take(section.lock), waitFor('done'), drop(section.lock)]
    case 'completes':
      return [take(section.lock), complete('done'), drop(section.lock)]
    case 'either way': {
      const goes: Op['goes'] = ({ value }) => (value === 0 ? here + 1 : here + 5)
      const look: Op = { to: `r${section.register}`, type: 'READ', state: 'looks', goes }
      return [look, take(0), take(1), drop(1), { ...drop(0), goes: () => here + 9 }, take(1), take(0), drop(0), drop(1)]
    }
    case 'spin': {
      // Asks again until the register has the value it waits for.
      const goes: Op['goes'] = ({ value }) => (value === section.value ? here + 1 : here)
      return [{ to: `r${section.register}`, type: 'READ', state: 'spins', goes }]
    }
  }
}

const scriptOps = (sections: readonly Section[]): readonly Op[] => {
  const ops: Op[] = []
  for (const section of sections) ops.push(...sectionOps(section, ops.length))
  return [...ops, { to: 'judge', type: 'ENDED', fields: ({ last }) => ({ with: last }) }]
}

export interface Generated {
  readonly system: System<any>
  readonly properties: readonly Property[]
}

export const generate = ({ registers, scripts, properties }: Description): Generated => {
  const threads = scripts.map((sections, number) => thread(`t${number}`, scriptOps(sections), { last: 0 }))
  const completing = scripts.flatMap((sections, number) =>
    sections.some(({ kind }) => kind === 'completes') ? [`t${number}`] : [],
  )
  const watched = (number: number) => properties.includes(number)
  const system: System<any> = {
    name: 'generated',
    fingerprint: 'g1',
    components: [
      ...threads,
      mutex('lock0'),
      mutex('lock1'),
      rwsem('sem'),
      completion('done', completing),
      ...registers.map((guard, number) =>
        register(`r${number}`, 0, guard === null ? {} : { guardedBy: lockId(guard) }),
      ),
      judge('judge', threads.length),
    ],
    start: threads.map(({ id }) => begin(id)),
    // Reads only what the chosen properties look at: the rest is the reduction's to hide.
    view: (read) => ({
      r0: watched(0) || watched(3) ? (read('r0') as Register).value : null,
      r1: watched(4) ? (read('r1') as Register).value : null,
      states: watched(1) ? ['t0', 't1'].map((id) => (read(id) as Thread).state) : [],
      done: watched(2) || watched(4) ? (read('t0') as Thread).state === 'done' : null,
    }),
  }
  const all: readonly Property[] = [
    always('register 0 is never 2', ({ r0 }) => r0 !== 2, { finding: 'bug' }),
    sometimes('two are inside', ({ states }) => states.every((state: string) => state === 'inside')),
    eventually('thread 0 ends', ({ done }) => done),
    eventually('register 0 becomes 1', ({ r0 }) => r0 === 1),
    always('register 1 is set when thread 0 ends', ({ r1 }) => r1 !== 0, { when: ({ done }) => done }),
  ]
  return { system, properties: all.filter((_, number) => watched(number)) }
}
