/** What a leap does is found by what it depends on, however many answers there are. */
import { expect, test } from 'vitest'
import fc from 'fast-check'
import { LeapTrees } from '../../explore/breadth/leap-trees.ts'
import type { Leap } from '../../explore/breadth/leaps.ts'
import type { Hands } from '../../explore/locks/hands.ts'
import { Patch } from '../../explore/states/store.ts'
import { overChance } from '../chance.ts'

const hands: readonly Hands[] = [{ of: [0] }, { of: [0, 1] }] as never

/** What is asked of a step, after these answers: cells, and what is held. */
const questionAfter = (step: number, answers: readonly number[]): number | Hands => {
  const sum = answers.reduce((so, answer) => so * 31 + answer, step)
  return sum % 5 === 0 ? hands[sum % 2]! : sum % 4
}

/** So many questions are asked of a step. */
const lengthOf = (step: number): number => step % 4

const leap = (taken: number): Leap => ({ patch: new Patch([]), taken, touches: 0, isSettled: true })

const answer = (question: number | Hands, state: Int32Array): number =>
  typeof question === 'number' ? state[question]! : heldIn(question, state)
const heldIn = ({ of }: Hands, state: Int32Array): number => of.length * 3 + state[0]!

const visits = fc.array(
  fc.record({
    step: fc.oneof(fc.nat(6), fc.nat(3000)),
    cells: fc.tuple(fc.oneof(fc.nat(3), fc.nat(700)), fc.nat(9), fc.nat(2), fc.nat(40)),
  }),
  { minLength: 1, maxLength: 80 },
)

test('over random questions, each leap is found where its answers lead, and nowhere else', async () => {
  const met = { known: 0, unknown: 0 }
  await overChance(
    fc.property(visits, fc.nat(80), (all, forgotten) => {
      const trees = new LeapTrees()
      const known = new Map<string, Leap>()
      for (const [visit, { step, cells }] of all.entries()) {
        if (visit === forgotten) {
          trees.forget()
          known.clear()
        }
        const state = Int32Array.from(cells)
        const path: (readonly [number | Hands, number])[] = []
        while (path.length < lengthOf(step)) {
          const question = questionAfter(
            step,
            path.map(([, said]) => said),
          )
          path.push([question, answer(question, state)])
        }
        const key = JSON.stringify([step, path.map(([, said]) => said)])
        const found = trees.find(step, state, (asked) => heldIn(asked, state))
        expect(found).toBe(known.get(key))
        met[found ? 'known' : 'unknown']++
        if (found) continue
        const made = leap(visit)
        known.set(key, made)
        trees.begin(step)
        for (const [question, said] of path) trees.ask(question, said)
        trees.end(made)
      }
    }),
    {
      runs: 200,
      enough: () => expect(Math.min(met.known, met.unknown)).toBeGreaterThan(100),
    },
  )
})

test('a path that is written when all is forgotten is nothing that is known', () => {
  const trees = new LeapTrees()
  const state = Int32Array.of(1, 2)
  const held = (): number => 0
  trees.begin(7)
  trees.ask(0, 1)
  trees.forget()
  trees.ask(1, 2)
  trees.end(leap(0))
  expect(trees.find(7, state, held)).toBeUndefined()
  const later = leap(1)
  trees.begin(7)
  trees.end(later)
  expect(Array.from({ length: 8 }, (_, step) => trees.find(step, state, held))).toEqual([
    ...Array.from({ length: 7 }, () => undefined),
    later,
  ])
})
