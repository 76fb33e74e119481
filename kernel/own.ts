/** Objects of one's own, for whoever has a statechart or a component already: procedures ask them with `ask`. */
import type { AnyStateMachine } from 'xstate'
import type { ActorSpec } from '../actors/world/world.ts'
import type { Component } from '../explore/system.ts'
import { named, type KernelObject } from './object.ts'

/** An object that is a statechart of one's own. What else is said of it is what a world's actor says: `lock`, `guardedBy`, `orders` … */
export const actor = (
  name: string,
  machine: AnyStateMachine,
  { input = {}, ...facts }: Partial<Omit<ActorSpec, 'id' | 'machine'>> = {},
): KernelObject<'actor'> => named({ kind: 'actor', name, actors: (id) => [{ id, machine, input, ...facts }] })

/** An object that is no statechart: a name, an initial state and pure functions. */
export const component = (made: Component): KernelObject<'component'> =>
  named({ kind: 'component', name: made.id, actors: () => [], components: [made] })
