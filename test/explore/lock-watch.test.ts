/** Who held which lock when, as a trace tells it. */
import { expect, test } from 'vitest'
import { explore, replay } from '../../explore/index.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { closed } from '../toys/closed.ts'
import { component } from '../toys/component.ts'
import { thread, type Thread } from '../toys/thread.ts'

test('a writer that becomes a reader holds the lock in another way from then on', async () => {
  const sem = component<string>({
    id: 'sem',
    initial: 'free',
    lockClass: 'sem',
    acquires: ['DOWN_WRITE'],
    holders: (local) => ({ threads: local === 'free' ? [] : ['t0'], exclusive: local === 'written' }),
    on: {
      DOWN_WRITE: (_, { from }) => ({ local: 'written', sends: [{ to: from, type: 'DONE' }] }),
      DOWNGRADE: (_, { from }) => ({ local: 'read', sends: [{ to: from, type: 'DONE' }] }),
      UP_READ: (_, { from }) => ({ local: 'free', sends: [{ to: from, type: 'DONE' }] }),
    },
  })
  const script = ['DOWN_WRITE', 'DOWNGRADE', 'UP_READ'].map((type) => ({ to: 'sem', type }))
  const system = {
    ...closed('downgrade', 'd1', [thread('t0', script), sem]),
    view: (read: (id: string) => unknown) => read('t0'),
  }
  const done = sometimes<unknown>('done', (t0) => (t0 as Thread).state === 'done')
  const { properties } = await explore(system, [done])
  expect(replay(system, properties[0]!.schedule!).locks['sem']!.held).toEqual([
    { since: 0, threads: [], exclusive: false },
    { since: 2, threads: ['t0'], exclusive: true },
    { since: 4, threads: ['t0'], exclusive: false },
    { since: 6, threads: [], exclusive: false },
  ])
})
