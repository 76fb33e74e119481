/** Signs and words that mean something to a reader come through as what they are: in names of states, messages, guards and actions. */
import { describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import { escapes, reserved, type Escape, type Format } from '../../report/statecharts/escapes.ts'
import { machineFormats } from '../../report/statecharts/index.ts'
import { formats } from './formats.ts'
import { drawMermaid } from './readers/mermaid.ts'

/** Everything that can have a name has one of these; that two composites have children of one name is part of it. */
const machineOf = (texts: readonly string[]) =>
  createMachine({
    id: 'm',
    initial: 'first',
    states: {
      first: { id: 'first' },
      ...Object.fromEntries(
        texts.map((text, i) => [
          text,
          {
            initial: text,
            entry: [text],
            meta: { defers: [text] },
            on: { [text]: { target: '#first', guard: text, actions: [text] } },
            states: { [text]: { always: { guard: text, target: `#s${i}` } }, [`${text} 2`]: { id: `s${i}` } },
          },
        ]),
      ),
    },
  } as Parameters<typeof createMachine>[0])

const rows = (Object.entries(escapes) as [Format, readonly Escape[]][]).flatMap(([format, all]) =>
  all.map(({ example, why, signs }) => ({ format, example, why, signs })),
)

test.each(rows)('in $format, $signs $why', async ({ format, example, signs }) => {
  expect(example).toMatch(signs)
  const machine = machineOf([example])
  expect(await formats[format].read(machineFormats[format](machine.root))).toEqual(formats[format].held(machine))
})

describe.each(Object.keys(machineFormats) as (keyof typeof machineFormats)[])('in %s', (format) => {
  test('no word is reserved, and no sign of another format is in the way', async () => {
    const machine = machineOf([...new Set([...Object.values(reserved).flat(), ...rows.map(({ example }) => example)])])
    expect(await formats[format].read(machineFormats[format](machine.root))).toEqual(formats[format].held(machine))
  })
})

test('what Mermaid draws is what it has read', async () => {
  const examples = escapes.mermaid.map(({ example }) => example)
  const drawn = await drawMermaid(machineFormats.mermaid(machineOf(examples).root))
  for (const example of examples) {
    expect(drawn).toContain(example)
    expect(drawn).toContain(`${example} [${example}] / ${example}`)
    expect(drawn).toContain(`entry / ${example} | defers ${example}`)
  }
})
