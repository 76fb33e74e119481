/** Distinct states, states generated and depth, as the manifest of the TLA+ Examples lists them; more sizes besides. */
import { describe, expect, test } from 'vitest'
import { sometimes } from '../../explore/claims/properties.ts'
import * as allocators from './tla-allocators.ts'
import * as detection from './tla-detection.ts'
import * as protocols from './tla-protocols.ts'
import * as puzzles from './tla-puzzles.ts'
import * as tla from './tla.ts'
import { shortestTo, startsOf, tlc, counts, type World } from './worlds.ts'

const published: readonly (readonly [
  name: string,
  world: World<any>,
  distinct: number,
  generated: number,
  depth: number,
])[] = [
  ['TCommit, 3 managers', tla.transactionCommit(3), 34, 94, 7],
  ['two-phase handshake', tla.handshake(), 4, 5, 4],
  ['Channel, 3 values', tla.channel(3), 12, 30, 2],
  ['HourClock', tla.hourClock(), 12, 24, 1],
  ['Peterson', tla.peterson(), 42, 77, 11],
  ['Lock, 2 processes', tla.lock(2), 12, 21, 5],
  ['DiningPhilosophers, 5', tla.hygienicPhilosophers(5), 67, 336, 29],
  ['SyncTerminationDetection, 7 nodes', detection.syncTermination(7), 129, 3_722, 1],
  ['Prisoners, 4', detection.prisoners(4), 214, 860, 14],
  ['Prisoner, one light, 3', detection.onePrisonersLight(3), 16, 49, 5],
  ['AlternatingBit, 2 values, queues of 2', protocols.alternatingBit(2, 2), 240, 1_392, 10],
  ['ABCorrectness, 2 values', protocols.alternatingBitCorrect(2), 20, 36, 3],
  ['InnerFIFO, 3 values, queue of 3', tla.innerFifo(3, 3), 3_864, 9_660, 11],
  ['SimpleAllocator, 3 clients, 2 resources', allocators.simpleAllocator(3, 2), 400, 1_633, 6],
  ['SchedulingAllocator, 3 clients, 2 resources', allocators.schedulingAllocator(3, 2), 1_690, 5_854, 7],
  ['ChangRoberts, 3 nodes', protocols.changRoberts(3), 137, 227, 10],
  ['Barrier, 6', tla.barrier(6), 64, 194, 7],
  ['CigaretteSmokers', tla.cigaretteSmokers(), 6, 15, 2],
  ['Simple, 5', tla.simple(5), 723, 1_842, 11],
]

test.each(published)('%s', async (_, world, distinct, generated, depth) => {
  expect(await tlc(world)).toEqual([distinct, generated, depth])
})

const sizes: readonly (readonly [
  name: string,
  of: (size: number) => World<any>,
  from: number,
  states: readonly number[],
])[] = [
  ['TCommit', tla.transactionCommit, 1, [4, 12, 34, 96, 274, 792]],
  ['Lock', tla.lock, 2, [12, 32, 80, 192]],
  ['DiningPhilosophers', tla.hygienicPhilosophers, 2, [11, 19, 35, 67, 131]],
  ['ReadersWriters', tla.readersWriters, 1, [15, 390]],
  ['Prisoners', detection.prisoners, 2, [22, 70, 214, 646]],
  ['ChangRoberts', protocols.changRoberts, 2, [25, 137, 823]],
  ['AlternatingBit, by the length of queues', (most) => protocols.alternatingBit(2, most), 1, [80, 240, 528, 980]],
  ['LamportMutex of two, by the highest clock', (most) => protocols.lamportMutex(2, most), 3, [191, 401]],
]

test.each(sizes)('%s at more sizes', async (_, of, from, states) => {
  const found = []
  for (const [index] of states.entries()) found.push((await counts(of(from + index))).states)
  expect(found).toEqual(states)
})

test('allocators at more sizes', async () => {
  expect((await counts(allocators.simpleAllocator(2, 2))).states).toBe(64)
  expect((await counts(allocators.schedulingAllocator(2, 2))).states).toBe(138)
})

test('CoffeeCan of 100: besides its 5,150 states one in which nothing was chosen yet, and 101 with as many black beans', async () => {
  const { states, transitions, levels } = await counts(puzzles.coffeeCan(100))
  expect(states).toBe(5_150 + 1 + 101)
  // TLC generates the 5,150 starts, too, which are the steps of the second choice.
  expect(transitions).toBe(20_002 + 101)
  expect(levels).toBe(1 + 2)
})

describe('puzzles are solved in', () => {
  test('six steps: four gallons', async () => {
    expect(await tlc(puzzles.dieHard())).toEqual([16, 97, 8])
    expect(
      await shortestTo(
        puzzles.dieHard(),
        sometimes('four', ({ world: { big } }) => big === 4),
      ),
    ).toBe(6)
  })

  test.each([
    [3, 3, 27, 7],
    [4, 3, 81, 15],
    [5, 4, 1_024, 13],
  ])('Hanoi: %i discs on %i pegs', async (discs, pegs, states, moves) => {
    const world = puzzles.hanoi(discs, pegs)
    expect((await counts(world)).states).toBe(states)
    const moved = sometimes('moved', ({ world: { on } }) => on.every((peg: number) => peg === pegs - 1))
    expect(await shortestTo(world, moved)).toBe(moves)
  })

  test('eleven crossings: missionaries and cannibals', async () => {
    const over = sometimes('over', ({ world: { there } }) => !there.includes(true))
    expect((await counts(puzzles.missionaries())).states).toBe(64)
    expect(await shortestTo(puzzles.missionaries(), over)).toBe(11)
  })
})

test('of several starts, each is one', () => expect(startsOf(tla.hourClock())).toBe(12))
