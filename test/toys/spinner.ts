/**
 * One thread reads for ever what nobody writes; its steps commute with everything. The other two race, unless
 * they are forgotten.
 */
import { eventually, sometimes } from '../../explore/claims/properties.ts'
import type { Property, System } from '../../explore/system.ts'
import { begin } from './component.ts'
import { judge, register } from './objects.ts'
import { thread, write, type Op, type Thread } from './thread.ts'

interface View {
  readonly done: boolean
}

export const spinner = (): { readonly system: System<View>; readonly properties: readonly Property<View>[] } => {
  const end: Op = { to: 'judge', type: 'ENDED', fields: ({ read }) => ({ with: read ?? null }) }
  const system: System<View> = {
    name: 'spinner',
    fingerprint: 's1',
    components: [
      // First in canonical order: whatever takes the first delivery that commutes takes this one.
      thread('spins', [{ to: 'still', type: 'READ', goes: () => 0 }]),
      thread('writes', [write('shared', 1), end]),
      thread('reads', [{ to: 'shared', type: 'READ', keeps: ({ value }) => ({ read: value }) }, end]),
      register('still'),
      register('shared'),
      judge('judge', 2),
    ],
    start: ['spins', 'writes', 'reads'].map((id) => begin(id)),
    view: (read) => ({ done: (read('reads') as Thread).state === 'done' }),
  }
  return {
    system,
    properties: [
      sometimes<View>('the reader ends', ({ done }) => done),
      eventually<View>('the reader must end', ({ done }) => done),
    ],
  }
}
