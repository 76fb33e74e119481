/** What is emitted, in a search and beside it: whoever listens to all of it (`on('*')`) is told the same, in the same order, byte for byte. */
import { expect, test } from 'vitest'
import { assign, createActor, emit, enqueueActions, fromTransition, sendTo, setup, type AnyActorRef } from 'xstate'
import { always, explore, system } from '../../process/index.ts'
import type { Live } from '../../process/inside.ts'
import { Process } from '../../process/process.ts'
import { dice } from '../../streams/dice.ts'

/** Emits a word of its own whenever it hears anything, before and after it goes up. */
const meter = fromTransition((n: number, { type }, { emit: says }) => {
  says({ type: `before ${type}`, n } as never)
  if (type === 'UP') says({ type: 'rose', to: n + 1 } as never)
  return type === 'UP' ? (n + 1) % 3 : n
}, 0)

const worker = setup({}).createMachine({
  id: 'worker',
  initial: 'on',
  entry: emit({ type: 'born' }),
  exit: emit({ type: 'gone' }),
  states: {
    on: {
      entry: emit({ type: 'on' }),
      exit: emit({ type: 'off' }),
      on: { END: 'over', STAY: { actions: emit({ type: 'stayed' }) } },
    },
    over: { type: 'final', entry: emit({ type: 'over' }) },
  },
})

const machine = setup({ actors: { meter, worker } }).createMachine({
  id: 'desk',
  context: { n: 0 },
  entry: emit({ type: 'began' }),
  invoke: { src: 'meter', id: 'meter' },
  initial: 'idle',
  states: {
    idle: {
      on: { GO: 'busy' },
      always: { guard: ({ context }) => context.n === 2, actions: [emit({ type: 'again' }), assign({ n: 0 })] },
    },
    busy: {
      invoke: {
        src: 'worker',
        id: 'worker',
        onDone: { target: 'idle', actions: emit(({ event }: any) => ({ type: 'done', by: event.type })) },
      },
      exit: emit(({ context }) => ({ type: 'left', with: context.n, deep: { list: [context.n, null, 'x'] } })),
      on: {
        LEAVE: 'idle',
        END: { actions: [emit({ type: 'ending' }), sendTo('worker', { type: 'END' }), emit({ type: 'ended' })] },
        STAY: { actions: sendTo('worker', { type: 'STAY' }) },
      },
    },
  },
  on: {
    UP: {
      actions: enqueueActions(({ enqueue, context }) => {
        enqueue.emit({ type: 'first' })
        enqueue.sendTo('meter', { type: 'UP' })
        enqueue.assign({ n: (context.n + 1) % 3 })
        enqueue.emit({ type: 'last', n: context.n } as never)
      }),
    },
  },
})
const events = ['GO', 'LEAVE', 'END', 'STAY', 'UP']

const written = (actor: { readonly id: string }, event: object): string => `${actor.id} ${JSON.stringify(event)}`

/** Ordinary actors, and two who listen to each: to everything, and to one type. */
const listened = () => {
  const heard = { all: [] as string[], rose: [] as string[] }
  const root = createActor(machine, {
    id: 'desk',
    inspect: (told) => {
      if (told.type !== '@xstate.actor') return
      const actor = told.actorRef as AnyActorRef
      actor.on('*', (event) => heard.all.push(written(actor, event)))
      actor.on('rose', (event) => heard.rose.push(written(actor, event)))
    },
  })
  return { root: root.start(), heard }
}

const emittedIn = (told: Process['begun']['told'], root: Live): readonly string[] =>
  told.flatMap((each) =>
    each.type === 'emitted' ? [written({ id: each.actorRef === root ? 'desk' : each.actorRef.id }, each.event)] : [],
  )

test('on any schedule, from the first entry on', () => {
  const types = new Set<string>()
  for (let seed = 1; seed <= 40; seed++) {
    const random = dice(seed)
    const { root, heard } = listened()
    const held = new Process(machine, { events })
    let { state } = held.begun
    const emitted = [...emittedIn(held.begun.told, held.root)]
    for (let step = 0; step < 15; step++) {
      const type = events[random(events.length)]!
      root.send({ type })
      const taken = held.take(state, { from: 'user', type })!
      state = taken.state
      emitted.push(...emittedIn(taken.told, held.root))
    }
    expect({ seed, emitted }).toEqual({ seed, emitted: heard.all })
    expect(emitted.filter((line) => line.includes('"rose"'))).toEqual(heard.rose)
    for (const line of emitted) types.add(JSON.parse(line.slice(line.indexOf('{'))).type as string)
  }
  // Everything that is ever emitted, but what a child says that its parent stops: it says nothing.
  expect([...types].toSorted()).toEqual([
    ...['again', 'before UP', 'began', 'born', 'done', 'ended', 'ending', 'first', 'gone', 'last'],
    ...['left', 'off', 'on', 'over', 'rose', 'stayed'],
  ])
})

test('what a property sees of it is what such a listener has heard', async () => {
  const seen = new Set<string>()
  const { exhaustive, properties } = await explore(system(machine, { events }), [
    always('looked at', (w) => {
      for (const type of ['born', 'rose', 'gone', 'again']) if (w.emitted(type)) seen.add(type)
      // Nobody is done who has not ended, and nobody ends who was not born.
      return (!w.emitted('done') || w.emitted('over')) && (!w.emitted('over') || w.emitted('born'))
    }),
    always('who is asked to end has ended', (w) => !w.emitted('ended') || w.emitted('done')),
    always('never again', (w) => !w.emitted('again')),
  ])
  expect(exhaustive).toBe(true)
  expect(seen).toEqual(new Set(['born', 'rose', 'gone', 'again']))
  expect(properties.map(({ verdict }) => verdict)).toEqual(['holds', 'holds', 'violated'])
})
