/** Looking ahead in a page finds what a search finds, no further away. */
import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../explore/index.ts'
import { Book } from '../../page/make/book.ts'
import { lookAhead } from '../../page/walk/ahead.ts'
import { Machine } from '../../page/walk/machine.ts'
import { toys } from '../toys/all.ts'

const all = 100_000

describe.each(toys)('$system.name', ({ system }) => {
  test('the nearest that goes wrong is as far from the start as the search says', async () => {
    const book = new Book()
    book.run({ trace: replay(system, []), wrong: undefined, title: '', address: '@0:' }, system)
    const data = book.data('')
    const machine = new Machine(data.models[0]!)
    const { findings } = await explore(system, [], { reduction: false })
    // An order of locks is seen along a run, not in a step; who waits without a thread's name is known to the checker alone.
    const seen = findings.filter(({ kind }) => kind !== 'lock-order' && kind !== 'leak' && kind !== 'livelock')
    const { wrong, whole } = lookAhead(machine, machine.start(), all)
    if (!whole && !wrong) return
    expect(wrong?.choices.length).toBe(seen.map(({ depth }) => depth).sort((a, b) => a - b)[0])
  })
})
