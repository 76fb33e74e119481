/** What `export` writes is read by those it is for: Graphviz itself, mermaid's own rules, XState. */
import { instance } from '@viz-js/viz'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import { replay } from '../../explore/index.ts'
import { catalogue } from '../../machines/catalogue.ts'
import { machineDot, traceDot } from '../../report/formats/dot.ts'
import type { StateLike } from '../../report/formats/machine.ts'
import { sequenceDiagram, stateDiagram } from '../../report/formats/mermaid.ts'
import { findScenario } from '../../scenarios/index.ts'
import { build, forget, relockIn, scratch } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
beforeAll(build, 120_000)
afterAll(() => forget(folder))

const machines = Object.entries(catalogue).map(([name, machine]) => ({
  name,
  machine,
  definition: machine.definition as unknown as StateLike,
}))
const scenario = findScenario('stale-dma')!
const trace = replay(
  scenario.system(scenario.choices.default),
  Array.from({ length: 40 }, () => 0),
)

const id = '[A-Za-z_][A-Za-z0-9_]*'
/** Text in a label: no `;` and no `#` but as an entity, no quote, nothing below a space. */
const label = String.raw`(?:[^;#"\u0000-\u001f]|#\w+;)+`

/** Mermaid's grammar, as far as we use it, and stricter: `end` and `state` are its own words. */
const lineOf = {
  state: [
    String.raw`state "${label}" as ${id}(?: \{)?`,
    String.raw`\}`,
    String.raw`\[\*\] --> ${id}`,
    String.raw`${id} --> ${id} : (?:(?!:)${label})`,
    String.raw`${id} : ${label}`,
  ],
  sequence: [
    String.raw`participant P\d+ as ${label}`,
    String.raw`P\d+(?:->>|-x)P\d+: ${label}`,
    String.raw`Note over P\d+(?:,P\d+)?: ${label}`,
  ],
}
const misfits = (lines: readonly string[], kinds: readonly string[]): readonly string[] => {
  const grammar = new RegExp(`^ *(?:${kinds.map((kind) => `(?:${kind})`).join('|')})$`)
  return lines.filter((line) => line !== '' && !grammar.test(line))
}

describe.each(machines)('$name', ({ machine, definition }) => {
  test('as dot is drawn by Graphviz, with all of its states', async () => {
    const { status, output, errors } = (await instance()).render(machineDot(definition), { format: 'json' })
    expect({ status, errors }).toEqual({ status: 'success', errors: [] })
    const { objects = [] } = JSON.parse(output!) as { objects?: { name: string }[] }
    const states = Object.values(definition.states).map((state) => state.id)
    expect(objects.map(({ name }) => name)).toEqual(expect.arrayContaining(states))
  })

  test('as mermaid keeps the rules: aliases without dots, no raw semicolon', () => {
    const [open, title, close, kind, ...lines] = stateDiagram(definition).split('\n')
    expect([open, close, kind]).toEqual(['---', '---', 'stateDiagram-v2'])
    expect(title).toMatch(/^title: "[^"]*"$/)
    expect(misfits(lines, lineOf.state)).toEqual([])
    // Nothing is pointed at that was not declared.
    const declared = new Set(lines.flatMap((line) => /" as (\w+)/.exec(line)?.[1] ?? []))
    const pointed = lines.flatMap((line) => /^ *(\S+) --> (\w+)/.exec(line)?.slice(1) ?? [])
    expect(pointed.filter((name) => name !== '[*]' && !declared.has(name))).toEqual([])
  })

  test('as JSON is a machine again', () => {
    const config = JSON.parse(JSON.stringify(machine.config)) as Parameters<typeof createMachine>[0]
    const again = createMachine(config)
    expect(Object.keys(again.states)).toEqual(Object.keys(machine.states))
    expect(again.events.toSorted()).toEqual(machine.events.toSorted())
  })
})

test('a run as dot is drawn by Graphviz, with a node for each step', async () => {
  const { status, output } = (await instance()).render(traceDot(trace), { format: 'json' })
  expect(status).toBe('success')
  expect((JSON.parse(output!) as { objects: object[] }).objects).toHaveLength(trace.steps.length)
})

test('a run as mermaid keeps the rules, and names each participant once', () => {
  const [kind, ...lines] = sequenceDiagram(trace).split('\n')
  expect(kind).toBe('sequenceDiagram')
  expect(misfits(lines, lineOf.sequence)).toEqual([])
  const declared = lines.flatMap((line) => /participant (P\d+)/.exec(line)?.[1] ?? [])
  expect(new Set(declared).size).toBe(declared.length)
})

test('the program writes the same', async () => {
  const [dot, mermaid, json] = await Promise.all(
    ['dot', 'mermaid', 'json'].map((format) => relock(['export', format, 'restart'])),
  )
  const { definition } = machines.find(({ name }) => name === 'restart')!
  expect(dot!.out).toBe(machineDot(definition))
  expect(mermaid!.out).toBe(stateDiagram(definition))
  expect(createMachine(JSON.parse(json!.out) as Parameters<typeof createMachine>[0]).id).toBe('restart')
})
