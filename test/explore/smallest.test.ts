/** The smallest of the states that a state becomes by other names: the same that one finds who looks at all of them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Smallest } from '../../explore/symmetry/smallest.ts'
import { overChance } from '../chance.ts'

/** Five threads, of which three are alike and the other two; each has a local state, and may speak of one of them. */
const classes = [
  [0, 1, 2],
  [3, 4],
]
const threads = 5
/** Behind the cells of the threads: who is spoken of first, and who then. */
const others = [5, 6]
const nobody = threads
const said = threads + 1
const locals = 3

const orders = (all: readonly number[]): readonly (readonly number[])[] =>
  all.length === 0
    ? [[]]
    : all.flatMap((one) => orders(all.filter((each) => each !== one)).map((rest) => [one, ...rest]))

/** By way, and by thread: who it becomes. Nobody stays nobody. */
const ways = orders(classes[0]!).flatMap((three) => orders(classes[1]!).map((two) => [...three, ...two, nobody]))

/** Each cell of a thread has numbers of its own. */
const values = locals * said
const numberAt = (cell: number, value: number) => (value + 7 * cell) % values
const valueAt = (cell: number, number: number) => (number + values * 7 - 7 * cell) % values

const to = (way: number, cell: number) => (cell < threads ? ways[way]![cell]! : cell)
const from = (way: number, cell: number) => (cell < threads ? ways[way]!.indexOf(cell) : cell)

function valueBy(way: number, cell: number, number: number): number {
  if (cell >= threads) return ways[way]![number]!
  const value = valueAt(cell, number)
  return numberAt(to(way, cell), value - (value % said) + ways[way]![value % said]!)
}

const imageAt = (state: Int32Array, way: number, cell: number) => valueBy(way, from(way, cell), state[from(way, cell)]!)
const imageOf = (state: Int32Array, way: number) => Int32Array.from(state, (_, cell) => imageAt(state, way, cell))

/** Cell by cell. */
const compared = (one: Int32Array, other: Int32Array) => {
  const at = one.findIndex((each, cell) => each !== other[cell])
  return at < 0 ? 0 : one[at]! - other[at]!
}

const whom = fc.constantFrom(nobody, nobody, nobody, nobody, nobody, nobody, 0, 1, 2, 3, 4)
const states = fc
  .record({
    locals: fc.array(fc.tuple(fc.nat(locals - 1), whom), { minLength: threads, maxLength: threads }),
    objects: fc.tuple(fc.nat(nobody), fc.nat(nobody)),
  })
  .map(({ locals: each, objects }) =>
    Int32Array.from([...each.map(([local, other], cell) => numberAt(cell, local * said + other)), ...objects]),
  )

test('it is the smallest that a state becomes in any way, whoever speaks of whom', async () => {
  const smallest = new Smallest({ many: ways.length, from, valueBy, imageAt }, classes)
  const met = { speaking: 0, silent: 0, same: 0 }
  await overChance(
    fc.property(states, (state) => {
      const images = ways.map((_, way) => imageOf(state, way)).toSorted(compared)
      expect(imageOf(state, smallest.wayFrom(state, others))).toEqual(images[0])
      const speaks = [...state.subarray(0, threads)].some((each, cell) => valueAt(cell, each) % said !== nobody)
      met[speaks ? 'speaking' : 'silent']++
      if (new Set(images.map((each) => each.join())).size < ways.length) met.same++
    }),
    {
      runs: 1000,
      enough: () => {
        // Each way of looking for it was put to the test.
        expect(Math.min(...Object.values(met))).toBeGreaterThan(20)
      },
    },
  )
})
