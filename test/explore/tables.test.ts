/** A system as numbers: lanes in their order, deliveries that can be undone, and one number for what is the same. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../explore/index.ts'
import type { Send, System } from '../../explore/system.ts'
import { Tables } from '../../explore/states/tables.ts'
import { closed } from '../toys/closed.ts'
import { component, from, type Post } from '../toys/component.ts'
import { thread } from '../toys/thread.ts'

/** Sends what it is told to, at one go; on `STOP` it defers. */
const clerk = (id: string) =>
  component<number>({
    id,
    initial: 0,
    on: {
      SEND: (sent, { posts }) => ({ local: sent + 1, sends: posts as readonly Post[] }),
      NEWS: (sent) => ({ local: sent }),
      STOP: () => 'defer',
    },
  })

const office = (start: readonly Send[]): System<null> => ({
  ...closed('office', 'o1', ['a', 'b', 'c'].map(clerk)),
  start,
})

const post = (sender: string, to: string, type: string, fields: object = {}): Send =>
  from(sender)({ to, type, ...fields })

const lanesOf = (tables: Tables) =>
  tables.laneOrder.map((lane) => `${tables.lanes[lane]!.from} → ${tables.lanes[lane]!.to}`)

/** What is on a lane, oldest first. */
const typesOn = (tables: Tables, state: Int32Array, lane: number) =>
  tables.contents[lane]!.all(state[tables.laneBase + lane]!).map((number) => tables.message(lane, number).type)

describe('lanes', () => {
  test('stand by sender, those who are no actors first and by name, then by receiver', () => {
    const start = ['c → a', 'b → c', 'zoe → b', 'a → c', 'env → b', 'a → b', 'env → a']
    const tables = new Tables(
      office(
        start.map((lane) => {
          const [sender, to] = lane.split(' → ') as [string, string]
          return post(sender, to, 'NEWS')
        }),
      ),
    )
    expect(lanesOf(tables)).toEqual(['env → a', 'env → b', 'zoe → b', 'a → b', 'a → c', 'b → c', 'c → a'])
    expect(tables.laneOrder.map((lane) => tables.lanes[lane]!.sender)).toEqual([-1, -1, -1, 0, 0, 1, 2])
  })

  test('are two where the names of two pairs run together alike', () => {
    const tables = new Tables({
      ...closed('alike', 'a1', ['c', 'bc'].map(clerk)),
      start: [post('ab', 'c', 'NEWS'), post('a', 'bc', 'NEWS')],
    })
    expect(lanesOf(tables)).toEqual(['ab → c', 'a → bc'])
  })

  test('keep what is behind the message that is taken, and offer nothing that is deferred', () => {
    const tables = new Tables(office([post('env', 'a', 'NEWS'), post('env', 'a', 'STOP'), post('env', 'a', 'NEWS')]))
    const state = tables.initial()
    expect(typesOn(tables, state, 0)).toEqual(['NEWS', 'STOP', 'NEWS'])
    tables.apply(state, 0, tables.entryOf(state, 0)!)
    expect(typesOn(tables, state, 0)).toEqual(['STOP', 'NEWS'])
    expect(tables.enabled(state)).toEqual([])
  })

  test('of the last pair that talks are part of a state, too', () => {
    const tables = new Tables(office([post('env', 'a', 'NEWS'), post('env', 'b', 'NEWS')]))
    expect(tables.initial().slice(tables.laneBase, tables.slots)).toHaveLength(2)
  })

  test('may be so many and no more', async () => {
    // Each has been told to go.
    const system = (count: number) =>
      closed(
        'many',
        'm1',
        Array.from({ length: count }, (_, number) => thread(`t${number}`, [])),
      )
    expect(new Tables(system(1024)).lanes).toHaveLength(1024)
    expect(() => new Tables(system(1025))).toThrow('More than 1024 pairs of actors talk to each other.')
  })
})

describe('a delivery', () => {
  const posts = [
    { to: 'b', type: 'NEWS' },
    { to: 'c', type: 'STOP' },
    { to: 'b', type: 'STOP' },
  ]

  test('puts every message on the lane of its receiver, in order', () => {
    const tables = new Tables(office([post('env', 'a', 'SEND', { posts })]))
    const state = tables.initial()
    tables.apply(state, 0, tables.entryOf(state, 0)!)
    expect(lanesOf(tables)).toEqual(['env → a', 'a → b', 'a → c'])
    expect(tables.laneOrder.map((lane) => typesOn(tables, state, lane))).toEqual([[], ['NEWS', 'STOP'], ['STOP']])
  })

  test('can be undone, and leaves the start as it was', () => {
    const tables = new Tables(office([post('env', 'a', 'SEND', { posts })]))
    const state = tables.initial()
    const changed: number[] = []
    tables.apply(state, 0, tables.entryOf(state, 0)!, changed)
    expect(state).not.toEqual(tables.initial())
    for (let at = changed.length - 2; at >= 0; at -= 2) state[changed[at]!] = changed[at + 1]!
    expect(state).toEqual(tables.initial())
  })

  test('that comes to the same comes to the same numbers, in whatever order', () => {
    const tables = new Tables(office([post('env', 'a', 'NEWS'), post('env', 'b', 'SEND', { posts })]))
    const after = (lanes: readonly number[]) => {
      const state = tables.initial()
      for (const lane of lanes) tables.apply(state, lane, tables.entryOf(state, lane)!)
      return state
    }
    expect(after([0, 1])).toEqual(after([1, 0]))
    const again = new Tables(office([post('env', 'a', 'SEND', { posts }), post('env', 'a', 'SEND', { posts })]))
    const state = again.initial()
    const once = state[again.laneBase]!
    again.apply(state, 0, again.entryOf(state, 0)!)
    const [left] = state.slice(again.laneBase)
    // Taken and sent again, it is the lane that it was.
    expect(again.contents[0]!.push(left!, 0)).toBe(once)
  })

  test('is the end when any of its findings is', async () => {
    const bell = component<null>({
      id: 'bell',
      initial: null,
      on: {
        RING: () => ({
          findings: [
            { kind: 'warn', title: 'it rings', fatal: false },
            { kind: 'bug', title: 'it breaks', fatal: true },
          ],
        }),
      },
    })
    const start = [post('env', 'bell', 'RING'), post('env', 'bell', 'RING')]
    const { states, depth } = await explore({ ...closed('bell', 'b1', [bell]), start })
    // The state behind a crash is none.
    expect([states, depth]).toEqual([1, 1])
  })
})

test('nobody can change a message that he hears, whether or not he is asked in another order', async () => {
  const careless = component<number>({
    id: 'careless',
    initial: 0,
    on: { NEWS: (heard) => ({ local: heard + 1 }), LIST: (_, { items }) => ((items as number[]).sort(), {}) },
  })
  for (let before = 0; before < 20; before++) {
    const news = Array.from({ length: before }, () => post('env', 'careless', 'NEWS'))
    const start = [...news, post('env', 'careless', 'LIST', { items: [2, 1] })]
    await expect(explore({ ...closed('careless', 'c1', [careless]), start })).rejects.toThrow('read only')
  }
})

test('a message at the start to nobody is an error that names both', () => {
  expect(() => new Tables(office([post('env', 'd', 'NEWS')]))).toThrow(
    'env sends NEWS to "d", and nobody has that name.',
  )
})
