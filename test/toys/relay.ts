/** A relay keeps nothing and passes everything on: only whoever hears it at the end can tell in which order it heard. */
import type { System } from '../../explore/system.ts'
import { component } from './component.ts'

export const relay = (): System<object> => {
  const passing = component<object>({
    id: 'relay',
    initial: {},
    on: { LETTER: (_, { text }) => ({ sends: [{ to: 'reader', type: 'LETTER', text }] }) },
  })
  const reader = component<{ readonly first: string | null }>({
    id: 'reader',
    initial: { first: null },
    on: {
      LETTER: ({ first }, { text }) =>
        first === null
          ? {
              local: { first: text as string },
              findings: [{ kind: 'warn', title: `${String(text)} first`, fatal: false }],
            }
          : {},
    },
  })
  const letter = (from: string, text: string) => ({ to: 'relay', message: { type: 'LETTER', from, text } })
  return {
    name: 'relay',
    fingerprint: 're1',
    components: [passing, reader],
    start: [letter('alice', 'A'), letter('bob', 'B')],
    view: () => ({}),
  }
}
