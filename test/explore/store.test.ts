/** The store of states is a set: whatever is put in is told apart from everything else, and comes out as it was. */
import { expect, test } from 'vitest'
import { Column } from '../../explore/states/columns.ts'
import { Patch, Store } from '../../explore/states/store.ts'
import { Unknown } from '../../explore/states/unknown.ts'
import { dice } from '../../streams/dice.ts'

interface Plan {
  readonly states: number
  /** Slots at the start; one more after every so many states. */
  readonly slots: number
  readonly oneMoreEach: number
  /** The values a slot may have. */
  readonly values: (slot: number) => number
}

const most = 60

/** Fills a store as a search does, each state near the one before or anew, and a plain map beside it. */
function fill({ states, slots, oneMoreEach, values }: Plan): {
  readonly store: Store
  readonly all: readonly number[][]
} {
  const roll = dice(1)
  const store = new Store()
  const all: number[][] = []
  const numbers = new Map<string, number>()
  let state = new Int32Array(most)
  while (all.length < states) {
    const width = Math.min(most, slots + Math.floor(all.length / oneMoreEach))
    const parent = all.length - 1
    const lane = (all.length * 7) % 1000
    let added: number
    if (parent >= 0 && roll(4) > 0) {
      state = Int32Array.from({ length: most }, (_, slot) => all[parent]![slot] ?? 0)
      const changed = new Set(Array.from({ length: 1 + roll(3) }, () => roll(width)))
      for (const slot of changed) state[slot] = roll(values(slot))
      added = store.addNear(parent, new Patch([...changed].flatMap((slot) => [slot, state[slot]!])), width, lane)
    } else {
      for (let slot = 0; slot < width; slot++) state[slot] = roll(values(slot))
      added = store.add(state, width, parent, lane)
    }
    const key = state.join()
    const known = numbers.get(key)
    expect(added).toBe(known === undefined ? all.length : -(known + 1))
    if (known !== undefined) continue
    numbers.set(key, all.length)
    all.push([...state])
  }
  return { store, all }
}

const plans: Readonly<Record<string, Plan>> = {
  'a few slots of many values': { states: 3000, slots: 4, oneMoreEach: Infinity, values: () => 500 },
  'many slots of few values': { states: 3000, slots: 50, oneMoreEach: Infinity, values: () => 3 },
  'slots that become more': { states: 3000, slots: 3, oneMoreEach: 50, values: (slot) => 2 + (slot % 5) ** 3 },
  'more states than were reserved': { states: 20_000, slots: 12, oneMoreEach: 2000, values: (slot) => 2 + slot },
}

test.each(Object.entries(plans))('%s', (_, plan) => {
  const { store, all } = fill(plan)
  expect(store.count).toBe(all.length)
  const slots = new Int32Array(most)
  for (const [number, state] of all.entries()) {
    store.load(number, slots, most)
    expect([number, slots.join()]).toEqual([number, state.join()])
    expect([store.parent(number), store.lane(number)]).toEqual([number - 1, (number * 7) % 1000])
  }
  for (const [number, state] of all.entries()) expect(store.add(Int32Array.from(state), most)).toBe(-(number + 1))
})

test('packed again, states take no more bits than their values need', () => {
  const { store, all } = fill({ states: 1023, slots: 8, oneMoreEach: Infinity, values: () => 9 })
  expect(store.add(new Int32Array(most).fill(8), 8)).toBe(all.length)
  // Eight slots of four bits are one word of four bytes; beside it a parent and a lane, of two bytes each while they are small. All that is
  // allocated: 8,192 states at a time. A place in the hash table is four bytes, too.
  expect(store.bytes).toBe(8192 * (4 + 2 + 2) + 8192 * 4)
})

test('a patch that is used again is what it was, however the states are packed by now', () => {
  const store = new Store()
  const patch = new Patch([0, 3])
  store.add(Int32Array.of(0, 0), 2)
  expect(store.addNear(0, patch, 2, 0)).toBe(1)
  // The second slot gets bits, and a third slot comes; then the first slot outgrows what it has.
  for (let value = 1; value < 300; value++) store.add(Int32Array.of(value % 7, value, value % 5), 3)
  const slots = new Int32Array(3)
  store.load(store.count - 1, slots, 3)
  const near = store.addNear(store.count - 1, patch, 3, 0)
  store.load(near < 0 ? -near - 1 : near, slots, 3)
  expect([...slots]).toEqual([3, 299, 4])
})

test('numbers that outgrow a column leave the others there what they were', () => {
  const column = new Column()
  column.set(0, 5)
  column.set(1, 70_000)
  expect([column.get(0), column.get(1)]).toEqual([5, 70_000])
})

test('who looks at the states of another thread sees what is added later, and gives no codes', () => {
  const store = new Store(true)
  store.add(Int32Array.of(0, 0), 2)
  store.add(Int32Array.of(3, 0), 2)
  const other = new Store()
  other.lookAt(store.shown)
  expect(other.seek(0, new Patch([0, 3]))).toBeUndefined()
  expect(() => other.seek(0, new Patch([1, 5]))).toThrow(Unknown)
  store.add(Int32Array.of(0, 5), 2)
  other.lookAt(store.shown)
  const both = new Patch([0, 3, 1, 5])
  expect(other.seek(0, both)).toHaveLength(1)
  store.add(Int32Array.of(3, 5), 2)
  expect(other.seek(0, both)).toBeUndefined()
})
