/** Long work in turns: so many values in each, one after the other, none lost. */
import { setImmediate as immediate } from 'node:timers/promises'
import { of } from 'rxjs'
import { expect, test } from 'vitest'
import { inTurns } from '../../streams/turns.ts'

test('values come in their order, so many in a turn, and the end behind the last', async () => {
  const heard: (number | 'end')[] = []
  of(1, 2, 3, 4, 5)
    .pipe(inTurns(2))
    .subscribe({ next: (value) => heard.push(value), complete: () => heard.push('end') })
  const turns = [[...heard]]
  for (let turn = 0; turn < 4; turn++) {
    await immediate()
    turns.push([...heard])
  }
  expect(turns).toEqual([[], [1, 2], [1, 2, 3, 4], [1, 2, 3, 4, 5, 'end'], [1, 2, 3, 4, 5, 'end']])
})

test('a stream of nothing ends at once', () => {
  let ended = false
  of<number>()
    .pipe(inTurns())
    .subscribe({ complete: () => (ended = true) })
  expect(ended).toBe(true)
})
