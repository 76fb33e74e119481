/** A run as a trace for Perfetto, as the engine of Chrome's DevTools reads it; and the rule that Perfetto has for slices of one track. */
import { Processor, type Handlers, type Types } from '@paulirish/trace_engine'
import { describe, expect, test } from 'vitest'
import { perfetto } from '../../report/formats/perfetto.ts'
import { lockSpans } from '../../report/lock-spans.ts'
import { laneOf } from '../../report/story.ts'
import { visible } from '../../report/words.ts'
import { each, runs, type Exported } from './runs.ts'

interface Slice {
  readonly ph: string
  readonly name: string
  readonly cat: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur: number
  readonly args: Readonly<Record<string, any>>
}

const written = ({ trace, wrong }: Exported): readonly Slice[] =>
  (JSON.parse(perfetto(trace, wrong)) as { traceEvents: readonly Slice[] }).traceEvents

/** Tracks by name with their slices, and flows from slice to slice. */
const read = async (run: Exported) => {
  const engine = Processor.TraceProcessor.createWithAllHandlers()
  await engine.parse(written(run) as unknown as Types.Events.Event[], {})
  const { Renderer, Flows } = engine.data as unknown as Handlers.Types.HandlerData
  const threads = [...Renderer.processes.values()].flatMap(({ threads }) => [...threads.values()])
  return {
    tracks: new Map(threads.map(({ name, entries }) => [name ?? '', entries as unknown as readonly Slice[]])),
    flows: Flows.flows as unknown as readonly (readonly Slice[])[],
  }
}

const stepOf = ({ args }: Slice): number => args['step'] as number

describe.each(each)('%s', (_, run) => {
  const { trace } = run

  test('each step is a slice of the track of whom it reaches', async () => {
    const { tracks } = await read(run)
    const seen = [...tracks].flatMap(([name, slices]) =>
      slices.filter(({ cat }) => cat === 'step').map((slice) => [stepOf(slice), name] as const),
    )
    expect(seen.sort(([a], [b]) => a - b)).toEqual(
      trace.steps.map(({ number, to }) => [number, visible(laneOf(trace, to))]),
    )
  })

  test('each message that a step sent is a flow from there to where it is heard', async () => {
    const { flows } = await read(run)
    const pairs = flows.map((flow) => flow.map(stepOf)).sort((a, b) => a[1]! - b[1]!)
    expect(pairs).toEqual(trace.steps.filter(({ sentAt }) => sentAt > 0).map(({ sentAt, number }) => [sentAt, number]))
  })

  test('locks are held and wanted in tracks of their own, from step to step', async () => {
    const { tracks } = await read(run)
    const end = trace.steps.length + 1
    const expected = Object.keys(trace.locks).flatMap((lock) =>
      lockSpans(trace, lock).map(({ thread, from, to = end, how }) => `${lock} · ${thread} ${how} ${from}–${to}`),
    )
    const seen = [...tracks].flatMap(([name, slices]) =>
      slices
        .filter(({ cat }) => cat === 'lock')
        .map(({ name: how, ts, dur }) => `${name} ${how} ${ts / 1000}–${(ts + dur) / 1000}`),
    )
    expect(seen.sort()).toEqual(expected.sort())
  })

  test('slices of one track lie beside or within each other', () => {
    const open = new Map<string, number[]>()
    for (const { ph, pid, tid, ts, dur } of written(run)) {
      if (ph !== 'X') continue
      const ends = (open.get(`${pid} ${tid}`) ?? []).filter((end) => end > ts)
      for (const end of ends) expect(ts + dur).toBeLessThanOrEqual(end)
      open.set(`${pid} ${tid}`, [...ends, ts + dur])
    }
    expect(open.size).toBeGreaterThan(1)
  })
})

test('calls are the slices around their steps', async () => {
  const { tracks } = await read(runs['a use after free in the window'])
  const calls = tracks.get('vmm0')!.filter(({ cat }) => cat === 'call')
  expect(calls.map(({ name, ts, dur }) => [name, ts, ts + dur])).toEqual([
    ['unmap', 3000, 55_000],
    ['notify', 13_000, 51_950],
    ['mdev0.dma_unmap', 18_000, 46_950],
    ['unpin', 23_000, 31_950],
  ])
})

test('what is wrong is an instant, ① and ② are marked, and the window is a slice', () => {
  const events = written(runs['a use after free in the window'])
  const named = (words: string) => events.filter(({ name }) => name.includes(words)).map(({ name, ts }) => [name, ts])
  expect(named('use-after-free')).toEqual([['use-after-free in vfio_dma_do_unmap', 54_000]])
  expect([...named('①'), ...named('②')]).toEqual([
    ['① READ', 54_000],
    ['② REMOVE', 38_000],
  ])
  expect(events.filter(({ cat }) => cat === 'window').map(({ ts, dur }) => [ts, ts + dur])).toEqual([[11_000, 52_000]])
})
