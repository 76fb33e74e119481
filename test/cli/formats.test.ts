/** What `export` writes of a run is read by those it is for; of a machine: test/statecharts. */
import { afterAll, expect, test } from 'vitest'
import { replay } from '../../explore/index.ts'
import { restart } from '../../machines/type1/unmap/restart.ts'
import { traceDot } from '../../report/formats/dot.ts'
import { sequenceDiagram } from '../../report/formats/mermaid.ts'
import { machineFormats } from '../../report/statecharts/index.ts'
import { findScenario } from '../../scenarios/index.ts'
import { graphviz } from '../graphviz.ts'
import { forget, relockIn, scratch } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

const scenario = findScenario('stale-dma')!
const trace = replay(
  scenario.system(scenario.choices.default),
  Array.from({ length: 40 }, () => 0),
)

/** Text in a label: no `;` and no `#` but as an entity, no quote, nothing below a space. */
const label = String.raw`(?:[^;#"\u0000-\u001f]|#\w+;)+`

/** Mermaid's grammar, as far as we use it, and stricter. */
const sequenceLines = [
  String.raw`participant P\d+ as ${label}`,
  String.raw`P\d+(?:->>|-x)P\d+: ${label}`,
  String.raw`Note over P\d+(?:,P\d+)?: ${label}`,
  String.raw`rect rgba\(128, 128, 128, 0\.15\)`,
  'end',
]
const misfits = (lines: readonly string[], kinds: readonly string[]): readonly string[] => {
  const grammar = new RegExp(`^ *(?:${kinds.map((kind) => `(?:${kind})`).join('|')})$`)
  return lines.filter((line) => line !== '' && !grammar.test(line))
}

test('a run as dot is drawn by Graphviz, with a node for each step', async () => {
  const { status, output } = graphviz.render(traceDot(trace), { format: 'json' })
  expect(status).toBe('success')
  expect((JSON.parse(output!) as { objects: object[] }).objects).toHaveLength(trace.steps.length)
})

test('a run as mermaid keeps the rules, and names each participant once', () => {
  const [kind, ...lines] = sequenceDiagram(trace).split('\n')
  expect(kind).toBe('sequenceDiagram')
  expect(misfits(lines, sequenceLines)).toEqual([])
  const declared = lines.flatMap((line) => /participant (P\d+)/.exec(line)?.[1] ?? [])
  expect(new Set(declared).size).toBe(declared.length)
})

test.each(Object.keys(machineFormats) as (keyof typeof machineFormats)[])(
  'the program writes a machine as %s as the library does',
  async (format) => {
    const { code, out } = await relock(['export', format, 'restart'])
    expect(code).toBe(0)
    expect(out).toBe(machineFormats[format](restart.root))
  },
)
