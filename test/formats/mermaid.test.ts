/** A run as a sequence diagram, as Mermaid itself has read it. */
import { describe, expect, test } from 'vitest'
import { sequenceDiagram } from '../../report/formats/mermaid.ts'
import { tellStory } from '../../report/story.ts'
import { mermaid, shown } from '../mermaid.ts'
import { each, runs, type Exported } from './runs.ts'

interface Message {
  readonly from?: string
  readonly to?: string
  readonly message: string
  readonly type: number
}

interface Sequence {
  getActors(): ReadonlyMap<string, { readonly description: string }>
  getMessages(): readonly Message[]
  readonly LINETYPE: Readonly<Record<string, number>>
}

/** The lanes, and all that stands in and between them, in words. */
const read = async (text: string) => {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text)
  const diagram = db as unknown as Sequence
  const kinds = diagram.LINETYPE
  const lanes = new Map([...diagram.getActors()].map(([id, { description }]) => [id, shown(description)]))
  const lines = diagram.getMessages().map(({ from, to, message, type }) => {
    if (type === kinds['RECT_START']) return '['
    if (type === kinds['RECT_END']) return ']'
    const [one, other] = [lanes.get(from ?? ''), lanes.get(to ?? '')]
    if (type === kinds['NOTE']) return `${one}: ${shown(message)}`
    return `${one} ${type === kinds['SOLID_CROSS'] ? 'x' : '→'} ${other}: ${shown(message)}`
  })
  return { lanes: [...lanes.values()], lines }
}

const diagramOf = ({ trace, wrong }: Exported, only?: readonly string[]): string => sequenceDiagram(trace, wrong, only)

describe.each(each)('%s', (_, run) => {
  test('has the lanes of the story, by their names', async () => {
    const { lanes } = await read(diagramOf(run))
    expect(lanes).toEqual(tellStory(run.trace).lanes.map(({ id }) => id))
  })

  test('tells each step once, in order', async () => {
    const { lines } = await read(diagramOf(run))
    const numbers = lines.flatMap((line) => /: (\d+)(?: |$)/.exec(line)?.slice(1).map(Number) ?? [])
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    expect(numbers.length).toBeGreaterThan(0)
  })
})

test('what happens between the unlock and the relock stands in a box, ① behind it, ② within it', async () => {
  const { lines } = await read(diagramOf(runs['a use after free in the window']))
  const [opens, closes] = [lines.indexOf('['), lines.indexOf(']')]
  const box = lines.slice(opens + 1, closes)
  expect([box[0], box[1], box.at(-1)]).toEqual([
    'vmm0: between the unlock and the relock',
    'vmm0 → iommu.lock: 11 unlock',
    'vmm0 → iommu.lock: 52 lock',
  ])
  expect(box.filter((line) => line.includes('②'))).toEqual(['vmm1 → type1: 38 ② vfio_remove_dma dma0#1'])
  expect(lines.slice(closes + 1)).toEqual([
    'vmm0 → type1: 54 ① read dma0#1 pfn_list',
    'type1: ✗ use-after-free in vfio_dma_do_unmap',
  ])
})

test('who had to wait is told with the step that asked, and that he was overtaken', async () => {
  const { lines } = await read(diagramOf(runs['a use after free in the window']))
  expect(lines).toContain('vmm1 → iommu.lock: 29 lock (sent at 4) ⤳')
})

test('who waits for ever has an arrow that does not arrive', async () => {
  const { lines } = await read(diagramOf(runs['a deadlock']))
  expect(lines.filter((line) => / x /.test(line))).toEqual([
    'vmm0 x mdev0.lock: lock waits for worker0',
    'worker0 x iommu.lock: lock waits for vmm0',
    'vmm1 x iommu.lock: lock waits for vmm0',
  ])
})

test('of some lanes, the box is closed as well', async () => {
  const run = runs['a use after free in the window']
  const { lanes, lines } = await read(diagramOf(run, ['vmm0']))
  expect(lanes).toEqual(['vmm0'])
  expect([lines.filter((line) => line === '['), lines.filter((line) => line === ']')]).toEqual([['['], [']']])
})

test('what is too long for Mermaid is cut, says so, and leaves no box open', async () => {
  const { trace, wrong } = runs['a use after free in the window']
  const long = trace.steps.map((step) => ({
    ...step,
    message: { ...step.message, words: Array.from({ length: 16 }, (_, i) => `${'x'.repeat(60)}${i}`) },
  }))
  const text = sequenceDiagram({ ...trace, steps: long }, wrong)
  expect(text.length).toBeLessThanOrEqual(50_000)
  expect((await read(text)).lines.at(-1)).toMatch(/cut here, \d+ more rows/)
})
