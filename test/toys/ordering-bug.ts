/**
 * The bug shows only when `late` does all its steps before `early` does its first: a coin tossed at each step
 * never gets there.
 */
import { sometimes } from '../../explore/claims/properties.ts'
import type { Property, System } from '../../explore/system.ts'
import { begin } from './component.ts'
import { register, room, type Register } from './objects.ts'
import { thread, write, type Thread } from './thread.ts'

interface View {
  readonly lateFirst: boolean
}

export const orderingBug = (steps: number): System<View> => {
  const walk = Array.from({ length: steps }, () => ({ to: 'hall', type: 'STAY' }))
  return {
    name: 'ordering bug',
    fingerprint: 'o1',
    components: [
      thread('early', [write('ready', 1), ...walk.map((op) => ({ ...op, to: 'yard' }))]),
      thread('late', [...walk]),
      register('ready'),
      room('hall'),
      room('yard'),
    ],
    start: [begin('early'), begin('late')],
    view: (read) => ({
      lateFirst: (read('late') as Thread).state === 'done' && (read('ready') as Register).value === 0,
    }),
  }
}

export const orderingProperties: readonly Property<View>[] = [
  sometimes('late ends before early is ready', (view) => view.lateFirst),
]
