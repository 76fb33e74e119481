/**
 * The worlds of the baselines in which a pinner chooses freely, each round, which mapping it pins and whether it keeps the page (DET=0 in
 * bench/promela/unmap.pml), each told as one world. SPIN, TLC and Stateright come to the same verdicts of their smaller model. Of them none knows that
 * tasks are alike, and the numbers here are those without it.
 */
import { expect, test } from 'vitest'
import { sizeOf, unmapWorld } from '../../bench/worlds.ts'
import { explore } from '../../index.ts'
import type { Protocol } from '../../actors/kernel/unmap/protocol-names.ts'

type Row = readonly [protocol: Protocol, size: string, states: number, ...findings: string[]]

const rows: readonly Row[] = [
  ['restart', '2.1.1.1', 108],
  ['restart', '2.2.1.1', 5036],
  ['restart', '2.2.2.1', 21_364],
  ['restart', '2.2.1.2', 90_990],
  [
    'under-lock',
    '2.1.1.1',
    47,
    'deadlock at iommu.lock',
    'deadlock at iommu.lock and mdev0.lock',
    'lock order iommu->lock → iommu->notifier.rwsem → iommu->lock',
    'lock order iommu->lock → mdev0.lock → iommu->lock',
    'recursive locking of iommu->lock',
  ],
  ['per-mapping', '2.1.1.1', 118, 'use-after-free in vfio_dma_do_unmap'],
  [
    'per-request',
    '2.1.1.1',
    128,
    'WARNING in vfio_dma_do_unmap: pages pinned again',
    'leak in vfio_remove_dma: pinned pages left',
  ],
]

test.for(rows)('%s %s: to the end, what is found in it and no more', async ([protocol, size, states, ...findings]) => {
  const report = await explore(unmapWorld(protocol, sizeOf(size), 0), [], { shortest: false, symmetry: false })
  expect([report.exhaustive, report.states]).toEqual([true, states])
  expect(report.findings.map(({ title }) => title).toSorted()).toEqual(findings.toSorted())
})

test('whatever a pinner chooses is one of its runs, and each of the worlds with a fixed script is in it', async () => {
  const titlesOf = async (det: 0 | 1 | 2) =>
    (await explore(unmapWorld('per-mapping', sizeOf('2.1.1.1'), det), [], { shortest: false })).findings.map(
      (each) => each.title,
    )
  const free = await titlesOf(0)
  for (const det of [1, 2] as const) for (const title of await titlesOf(det)) expect(free).toContain(title)
})
