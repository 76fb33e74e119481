/**
 * A system of XState actors as a user would have it: children that are invoked and told, a promise, a callback, a timer, parallel regions, an
 * actor with a name in the system. What comes of it is the same under every XState that relock works with.
 */
export const ownActors = `
import { assign, fromCallback, fromPromise, sendTo, setup, stopChild } from 'xstate'
import { always, system } from 'relock/xstate'

const saver = fromPromise(async () => 'saved')
const clock = fromCallback(() => {})
const worker = setup({
  delays: { patience: 100 },
}).createMachine({
  id: 'worker',
  initial: 'idle',
  states: {
    idle: { on: { WORK: 'busy' } },
    busy: {
      initial: 'half',
      on: { PAUSE: 'paused' },
      states: { half: { after: { patience: 'whole' } }, whole: { type: 'final' } },
      onDone: 'idle',
    },
    paused: { on: { RESUME: 'busy' } },
  },
})
const boss = setup({
  actors: { saver, clock, worker },
  actions: { counted: assign({ n: ({ context }) => context.n + 1 }) },
}).createMachine({
  id: 'boss',
  context: { n: 0 },
  type: 'parallel',
  invoke: { src: 'worker', id: 'worker', systemId: 'worker' },
  states: {
    form: {
      initial: 'clean',
      states: {
        clean: { on: { TYPE: 'dirty' } },
        dirty: { on: { SAVE: 'saving' } },
        saving: { invoke: { src: 'saver', id: 'saver', onDone: { target: 'clean', actions: 'counted' }, onError: 'dirty' }, on: { TYPE: 'dirty' } },
        last: { type: 'history' },
      },
    },
    work: {
      initial: 'none',
      states: {
        none: { on: { START: { target: 'some', actions: sendTo('worker', { type: 'WORK' }) } } },
        some: { invoke: { src: 'clock', id: 'clock' }, on: { STOP: { target: 'none', actions: [stopChild('clock'), sendTo('worker', { type: 'PAUSE' })] } } },
      },
    },
  },
})
export default system(boss, {
  answers: { clock: { sends: [{ type: 'STOP' }], times: 1 } },
  events: [{ send: 'TYPE', times: 3 }, { send: 'SAVE', times: 3 }, { send: 'START', times: 2 }, 'STOP'],
  properties: [always('saved at most twice', (w) => w.root.context.n < 3)],
})
`

/** What a search of it comes to. */
export const foundInOwnActors = {
  verdict: 'violated',
  exhaustive: true,
  states: 952,
  steps: 3789,
  depth: 13,
  findings: 3,
}
