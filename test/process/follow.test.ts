/** A recorded run of XState actors, on actors that were edited since. */
import { expect, test } from 'vitest'
import { setup } from 'xstate'
import { replay } from '../../explore/index.ts'
import { always, explore, follow, system } from '../../process/index.ts'
import { systemOf } from '../../process/system.ts'

/** A door that breaks when it is opened twice; `more` is what else it can do. */
const door = (id: string, opened: 'broken' | 'open', more: object = {}) =>
  system(
    setup({}).createMachine({
      id,
      initial: 'shut',
      states: {
        shut: { on: { OPEN: 'open', ...more } },
        open: { on: { SHUT: 'shut', OPEN: opened } },
        broken: { type: 'final' },
      },
    }),
    {
      ignores: ['SHUT', 'OPEN', ...Object.keys(more)],
      properties: [always('the door is whole', (w) => !w.root.matches('broken'))],
    },
  )

const shows = 'the door is whole'
const found = async () => {
  const { logic, outside } = door('door', 'broken')
  const { properties } = await explore(door('door', 'broken'))
  return replay(systemOf(logic, outside), properties[0]!.schedule!)
}

test('is kept where an event is new that it does not need, and goes on under another name', async () => {
  const run = await found()
  expect(run.steps).toHaveLength(2)
  expect(follow(door('door', 'broken'), run, { shows })).toMatchObject({ outcome: 'kept', shown: true })
  const edited = door('door', 'broken', { KNOCK: 'shut' })
  expect(follow(edited, run, { shows })).toMatchObject({ outcome: 'kept', shown: true })
  const renamed = follow(door('gate', 'broken'), run, { shows })
  expect(renamed).toMatchObject({ outcome: 'adapted', shown: true, renamed: { door: 'gate' } })
  expect(renamed.shows.map(({ title }) => title)).toEqual([shows])
})

test('is kept, and shows nothing any more, where the door is mended', async () => {
  expect(follow(door('door', 'open'), await found(), { shows })).toMatchObject({ outcome: 'kept', shown: false })
})
