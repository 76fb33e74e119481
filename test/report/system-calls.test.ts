/** Stories told as system calls: what of a call is said, and what is not. */
import { describe, expect, test } from 'vitest'
import { operations, sizeOf } from '../../actors/kernel/system-calls/operations.ts'
import { explore, replay } from '../../explore/index.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import { brokenClaim } from '../../report/claims.ts'
import { traceDot } from '../../report/formats/dot.ts'
import { sequenceDiagram } from '../../report/formats/mermaid.ts'
import { wrongIn } from '../../report/sides.ts'
import { makePage } from '../../report/style.ts'
import { isUsual } from '../../report/system-calls.ts'
import { issuesOf } from '../../report/issues.ts'
import { tellRun } from '../../report/text.ts'
import { value } from '../../report/words.ts'
import { findScenario } from '../../scenarios/index.ts'

/** The gravest that is wrong with a story, as `explore` tells it. */
const worst = async (name: string): Promise<Trace> => {
  const scenario = findScenario(name)!
  const choices = scenario.choices.default
  const system = scenario.system(choices)
  const report = await explore(system, scenario.properties(choices), { reduction: true })
  return replay(system, issuesOf(report)[0]!.schedule)
}

const draw = (trace: Trace, more: { ascii?: boolean; list?: boolean } = {}): string =>
  tellRun(trace, makePage({ columns: 80, ascii: more.ascii ?? false }), {
    wrong: wrongIn(trace),
    intro: 'The run',
    list: more.list ?? false,
  }).join('\n')

describe('a pin that waits for an address', async () => {
  const trace = await worst('no-address')
  test('in lanes', () => expect(draw(trace)).toMatchSnapshot())
  test('in ASCII', () => expect(draw(trace, { ascii: true })).toMatch(/^[\x20-\x7e\n]*$/))
  test('as sentences', () => expect(draw(trace, { list: true })).toMatchSnapshot())
  test('as a sequence diagram', () => expect(sequenceDiagram(trace)).toContain('unmap_dma(c0, 0x1000+0x1000, VADDR)'))
  test('as a graph', () => expect(traceDot(trace)).toContain('emu_pin(d0, 0x1000, 1 page, rw)'))
})

test('a promise that a hanging run never keeps is told as the hang, looked for or replayed', async () => {
  const scenario = findScenario('no-address')!
  const choices = scenario.choices.default
  const [system, properties] = [scenario.system(choices), scenario.properties(choices)]
  const report = await explore(system, properties, { reduction: true })
  const promise = issuesOf(report).find(({ kind }) => kind === 'never')!
  const trace = replay(system, promise.schedule)
  const broken = brokenClaim(system, properties, trace)
  expect(broken).toMatchObject({ kind: 'eventually', name: 'whoever pins comes back' })
  const page = makePage()
  const told = tellRun(trace, page, { wrong: broken, intro: 'The run' })
  expect(told).toEqual(tellRun(trace, page, { wrong: wrongIn(trace), intro: 'The run' }))
  expect(told).toContain('BUG: relock: deadlock, 1 thread waiting')
})

test('a call says what its maker said, and comes back with what it made', async () => {
  const text = draw(await worst('uncounted-device'))
  expect(text).toContain('get_device_fd(g0, edu0)')
  expect(text).toContain('get_device_fd = d0')
  expect(text).not.toMatch(/syscall|argsz|FDGET|FDPUT|prefill|\bDO\b/)
})

describe('what is usual is what a call gets when nothing is said', () => {
  const defaults = Object.entries(operations).flatMap(([op, fields]) =>
    Object.entries(fields).flatMap(([name, { byDefault }]) =>
      ['prefill', 'bitmap_size', 'pgsize', 'argsz', 'flags', 'arg', 'start', 'count'].includes(name) &&
      byDefault !== undefined &&
      // What a mapping may be used for, and whether pages are to be tracked, is worth saying.
      !(['ioas_map', 'ioas_map_file', 'ioas_copy', 'hwpt_set_dirty'].includes(op) && name === 'flags')
        ? [[op, name, byDefault] as const]
        : [],
    ),
  )
  test.each(defaults)('%s: %s', (op, name, byDefault) => expect(isUsual(op, name, byDefault)).toBe(true))
  test('structures with a bitmap are longer', () => {
    expect(isUsual('unmap_dma', 'argsz', sizeOf.dmaUnmapWithBitmap)).toBe(true)
    expect(isUsual('unmap_dma', 'argsz', sizeOf.dmaUnmap)).toBe(true)
    expect(isUsual('unmap_dma', 'argsz', 23)).toBe(false)
  })
})

test('what memory holds is said shortly, in signs that can be printed', () => {
  expect(value('\u0001'.repeat(4096))).toBe('"\\x01"×4096')
  expect(value(`ab\u0000${'\u0000'.repeat(4093)}`)).toBe('"ab" "\\x00"×4094')
  expect(value('line\nbreak')).toBe('"line\\x0abreak"')
  expect(value('a word')).toBe('a word')
  expect(value('0123456789'.repeat(100))).toBe('"0123456789012345678901234567890123456789"… (1,000 long)')
  expect(value(Array.from({ length: 512 }, () => 0))).toBe('[0×512]')
  expect(value(Uint8Array.of(1, 2, 3))).toBe('[1 2 3]')
  expect(value(Array.from({ length: 20 }, (_, i) => i))).toBe('[0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 … 20 in all]')
})
