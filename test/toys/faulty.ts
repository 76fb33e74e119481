/** Systems with something wrong in the model itself. */
import { always, sometimes } from '../../explore/claims/properties.ts'
import type { Component, System } from '../../explore/system.ts'
import { begin, component } from './component.ts'
import { judge, register } from './objects.ts'

const closed = (name: string, components: readonly Component[], starts: readonly string[]): System<null> => ({
  name,
  fingerprint: 'f1',
  components,
  start: starts.map((to) => begin(to)),
  view: () => null,
})

/** The first GO makes it deaf, so the second is neither handled nor deferred. */
export const ignores = (): System<null> => {
  const deaf = component<{ readonly state: string }>({
    id: 'deaf',
    initial: { state: 'listening' },
    on: { GO: ({ state }) => (state === 'listening' ? { local: { state: 'deaf' } } : 'ignore') },
  })
  return closed('ignores', [deaf], ['deaf', 'deaf'])
}

/** Counts how often it was asked, outside its local state. */
export const notDeterministic = (): System<null> => {
  let asked = 0
  const initial = { inner: { count: 0 } }
  const moody = component<typeof initial>({
    id: 'moody',
    initial,
    on: { GO: () => ({ local: { inner: { count: ++asked } } }) },
  })
  return closed('not deterministic', [moody], ['moody'])
}

export const sendsToNobody = (): System<null> => {
  const lonely = component<null>({
    id: 'lonely',
    initial: null,
    on: { GO: () => ({ sends: [{ to: 'nobody', type: 'HELLO' }] }) },
  })
  return closed('sends to nobody', [lonely], ['lonely'])
}

/**
 * Says that it is one thread, but asks two objects at once. Each half ends up with the judge, so the order of the
 * reads and the other writer's write matters.
 */
export const falseThread = (): System<null> => {
  type Two = { readonly state: string; readonly heard: Readonly<Record<string, unknown>> }
  const two = component<Two>({
    id: 'two',
    initial: { state: 'new', heard: {} },
    thread: 'two',
    waits: ({ state }) => state === 'asks',
    on: {
      GO: (local) => ({
        local: { ...local, state: 'asks' },
        sends: ['x', 'y'].map((to) => ({ to, type: 'READ', task: 'two' })),
      }),
      VALUE: ({ heard }, { from, value }) => {
        const all = { ...heard, [from]: value }
        if (Object.keys(all).length < 2) return { local: { state: 'asks', heard: all } }
        return {
          local: { state: 'reports', heard: all },
          sends: [{ to: 'judge', type: 'ENDED', task: 'two', with: all }],
        }
      },
      NOTED: (local) => ({ local: { ...local, state: 'done' } }),
    },
  })
  const writer = component<{ readonly state: string }>({
    id: 'writer',
    initial: { state: 'new' },
    thread: 'writer',
    waits: ({ state }) => state.startsWith('wr'),
    on: {
      GO: () => ({ local: { state: 'writes' }, sends: [{ to: 'x', type: 'WRITE', task: 'writer', value: 1 }] }),
      WRITTEN: ({ state }) =>
        state === 'writes'
          ? { local: { state: 'writes again' }, sends: [{ to: 'y', type: 'WRITE', task: 'writer', value: 1 }] }
          : { local: { state: 'done' } },
    },
  })
  const components = [two, writer, register('x'), register('y'), judge('judge', 1)]
  return closed('false thread', components, ['two', 'writer'])
}

/** A crash ends the run where it happens: what the other lane holds is never delivered after it. */
export const crashes = (): System<{ readonly quiet: boolean }> => {
  const mine = component<{ readonly state: string }>({
    id: 'mine',
    initial: { state: 'armed' },
    on: {
      STEP: () => ({ local: { state: 'gone' }, findings: [{ kind: 'use-after-free', title: 'boom', fatal: true }] }),
      AFTER: () => ({ findings: [{ kind: 'warn', title: 'after the boom', fatal: false }] }),
    },
  })
  return {
    name: 'crashes',
    fingerprint: 'f2',
    components: [mine],
    start: [begin('mine', 'STEP'), begin('mine', 'AFTER')],
    view: () => ({ quiet: true }),
  }
}

/** About things that never come. */
export const vacuousProperties = [
  always('when never', () => false, { when: () => false }),
  always('when always', () => true, { when: () => true }),
  sometimes('never', () => false),
]
