/** Reports written by hand. */
import type { PropertyReport, Report } from '../../explore/outcome/report.ts'

const base: Report = {
  system: 'stale-dma',
  fingerprint: '9f3c',
  strategy: 'breadth',
  inversions: 'all',
  exhaustive: true,
  reduction: 'on',
  states: 896,
  steps: 1626,
  depth: 36,
  seconds: 0.12,
  bytesPerState: 24,
  frontier: [1, 2, 4, 8, 4, 1],
  properties: [],
  findings: [],
  ignored: [],
  lockOrder: [],
}

const never: PropertyReport = {
  kind: 'always',
  name: 'no pointer is followed after its mapping was freed',
  verdict: 'holds',
}
const seen: PropertyReport = {
  kind: 'sometimes',
  name: 'a driver is told of an unmap',
  verdict: 'seen',
  schedule: [1, 0, 0],
  depth: 3,
}
const ends: PropertyReport = { kind: 'eventually', name: 'every UNMAP_DMA is answered', verdict: 'holds' }

export const holding: Report = { ...base, properties: [never, seen, ends] }

/** Choices as the fixture's traces make them up. */
export const choices = (length: number): number[] => Array.from({ length }, (_, i) => (i % 3 === 0 ? 1 : 0))

export const violated: Report = {
  ...base,
  states: 3112,
  seconds: 0.2,
  properties: [never, seen, ends],
  findings: [
    {
      kind: 'use-after-free',
      title: 'use-after-free in vfio_dma_do_unmap',
      schedule: choices(63),
      depth: 63,
      shortest: true,
      actors: ['vmm0', 'vmm1', 'w0'],
      objects: ['dma0#1'],
    },
    {
      kind: 'warn',
      title: 'WARNING in vfio_remove_dma: pinned pages left',
      schedule: [0, 1, 2],
      depth: 71,
      shortest: false,
      actors: ['vmm0'],
      objects: ['dma0#1'],
    },
  ],
  ignored: [{ component: 'mdev0', state: 'open', type: 'RESET' }],
}

export const bounded: Report = {
  ...base,
  exhaustive: false,
  stopped: { by: 'depth', bound: 40, waiting: 12_004 },
  properties: [{ ...never, verdict: 'undecided' }, seen, { ...ends, verdict: 'undecided' }],
}

export const sampled: Report = {
  ...base,
  strategy: 'random',
  exhaustive: false,
  reduction: 'off',
  sampled: { seed: 42, runs: 10_000 },
  properties: [{ ...never, verdict: 'undecided' }, seen],
}

export const stoppedByYou: Report = { ...bounded, stopped: { by: 'you', waiting: 310 } }

export const vacuous: Report = { ...base, properties: [{ ...never, vacuous: true }] }
