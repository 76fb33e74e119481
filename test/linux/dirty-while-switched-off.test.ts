/**
 * Memory that is switched off while somebody asks which pages are dirty: a device has written to the memory of a process and to the BAR of a peer, which
 * its page table maps by a dma-buf. What is derived here was not recorded: no IOMMU that was tracks dirty pages.
 */
import { expect, test } from 'vitest'
import type { Op } from '../../actors/kernel/system-calls/op.ts'
import { always, explore, linux, sometimes, type LinuxView } from '../../index.ts'

const page = 0x1000
const bound: readonly Op[] = [
  { op: 'open_iommufd', as: 'i' },
  { op: 'ioas_alloc', fd: 'i' },
  ...[
    ['edu0', 'd'],
    ['edu1', 'peer'],
  ].flatMap(([dev, as]) => [
    { op: 'open_cdev', dev, as },
    { op: 'bind_iommufd', fd: as, iommufd: 'i' },
    { op: 'cfg_write', fd: as, off: 4, size: 2, val: 6 },
  ]),
]
const before: readonly Op[] = [
  ...bound,
  { op: 'hwpt_alloc', fd: 'i', devid: 2, pt: 1, flags: 2 },
  { op: 'attach_pt', fd: 'd', ioas: 4 },
  { op: 'mmap', as: 'b', len: page },
  { op: 'fill', vaddr: 'b', len: page, val: 1 },
  { op: 'ioas_map', fd: 'i', ioas: 1, iova: 0, size: page, vaddr: 'b' },
  { op: 'dma_buf', fd: 'peer', as: 'f' },
  { op: 'ioas_map_file', fd: 'i', ioas: 1, iova: page, size: page, file: 'f', start: 0 },
  { op: 'hwpt_set_dirty', fd: 'i', hwpt: 4, flags: 1 },
  ...[0, page].map((iova) => ({ op: 'edu_dma', fd: 'd', dir: 'to_mem', iova, len: 4 })),
  { op: 'thread', as: 't1' },
]
const get = { op: 'hwpt_get_dirty', fd: 'i', hwpt: 4, iova: 0, size: 2 * page }
const off = { op: 'cfg_write', fd: 'peer', off: 4, size: 2, val: 0 }

/** Bit 0: the memory; bit 1: the BAR. Each is told to whoever asks first. */
const told = (w: LinuxView): number =>
  ['p0', 't1']
    .flatMap((thread) => w.task(thread).results)
    .reduce((all, { call, bitmap }) => {
      const [word = 0] = call === get.op ? ((bitmap as readonly (string | bigint)[] | undefined) ?? []) : []
      return all | Number(word)
    }, 0)

async function search(p0: readonly Op[]) {
  const { states, exhaustive, findings, properties } = await explore(
    linux({
      systemCalls: { profile: 'iommufd-type1v2', iommu: { dirtyTracking: true } },
      before,
      tasks: { p0, t1: [get] },
    }),
    [
      always<LinuxView>('what was written to memory is told', (w) => !w.finished || (told(w) & 1) === 1),
      always<LinuxView>('what was written to the BAR is told', (w) => !w.finished || (told(w) & 2) === 2),
      sometimes<LinuxView>('both are told', (w) => w.finished && told(w) === 3),
    ],
  )
  expect(exhaustive).toBe(true)
  return { states, findings: findings.map(({ title }) => title), verdicts: properties.map(({ verdict }) => verdict) }
}

test('what is switched off before it is asked about is never told: with the mapping goes its dirty bit', async () => {
  expect(await search([off])).toEqual({
    states: 20,
    findings: [],
    verdicts: ['holds', 'violated', 'seen'],
  })
})

test('whoever asks before he switches it off loses nothing, whoever else asks', async () => {
  expect(await search([get, off])).toEqual({ states: 81, findings: [], verdicts: ['holds', 'holds', 'seen'] })
})

test('it is the order that helps, not the asking', async () => {
  expect((await search([off, get])).verdicts).toEqual(['holds', 'violated', 'seen'])
})

test('whoever stops tracking before he asks loses both', async () => {
  expect((await search([{ op: 'hwpt_set_dirty', fd: 'i', hwpt: 4, flags: 0 }])).verdicts).toEqual([
    ...['violated', 'violated', 'seen'],
  ])
})
