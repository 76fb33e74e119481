import { describe, expect, test } from 'vitest'
import { rootComplex } from '../../machines/pci/root-complex/root-complex.ts'
import { feed } from './feed.ts'

const world = {
  bars: [
    { device: 'dev2', bar: 0, pfn: 0xfe000n, pages: 2n },
    { device: 'dev2', bar: 2, pfn: 0x380000000n, pages: 1n },
  ],
  domains: ['container0', 'container1'],
  uses: { dev1: 'container0', dev3: 'container1' },
  owners: { dev2: 'vmm' },
  memory: { dev2: true },
}
const map = (iova: bigint, pfn: bigint) => ({ type: 'MAP', domain: 'container0', iova, pfn })
const dma = (iova: bigint, device = 'dev1') => ({ type: 'DMA', device, iova })
const off = { type: 'SET_MEMORY', device: 'dev2', on: false }
const load = (pfn: bigint) => ({ type: 'LOAD', pfn })
const range = { domain: 'container0', iova: 0x1000n, size: 0x2000n }

/** What was answered last, in words. */
const last = (input: object, ...heard: Parameters<typeof feed>[2][]) => feed(rootComplex, input, ...heard).said.at(-1)
const fault = 't1 ANSWER ret=iommu-fault of=null owner=null memory=null'
const hit = 't1 ANSWER ret=hit of=dev2 owner=vmm memory=true'

describe('a DMA', () => {
  test('reaches the device whose BAR it was mapped to, which is told', () => {
    expect(feed(rootComplex, world, map(0x1000n, 0xfe001n), dma(0x1ff8n)).said).toEqual([
      't1 ANSWER ret=0',
      '~ dev2 reached by dev1',
      hit,
    ])
  })

  test('sees a page, not what is beside it', () => {
    const mapped = [map(0x1000n, 0xfe001n), map(0x3000n, 0xfe000n)]
    expect(last(world, ...mapped, dma(0x2000n))).toBe(fault)
    expect(last(world, ...mapped, dma(0xfffn))).toBe(fault)
  })

  test('of a device in another container, or in none, is an IOMMU fault, and logged', () => {
    expect(feed(rootComplex, world, map(0x1000n, 0xfe000n), dma(0x1000n, 'dev3')).said.slice(1)).toEqual([
      '~ kmsg <3>DMAR: [DMA] Request device [dev3] fault addr 0x1000: not present, or no permission',
      fault,
    ])
    expect(last(world, map(0x1000n, 0xfe000n), dma(0x1000n, 'dev9'))).toBe(fault)
  })

  test('faults after the unmap of its range, and of nothing else', () => {
    const mapped = [map(0x1000n, 0xfe000n), map(0x2000n, 0xfe001n), map(0x3000n, 0xfe000n), { type: 'UNMAP', ...range }]
    expect(last(world, ...mapped, dma(0x1000n))).toBe(fault)
    expect(last(world, ...mapped, dma(0x2000n))).toBe(fault)
    expect(last(world, ...mapped, dma(0x3000n))).toBe(hit)
  })

  test('faults while there are no permissions, and hits again when they are back', () => {
    const mapped = [map(0x1000n, 0xfe000n), { type: 'ALLOW', ...range, allowed: false }]
    expect(last(world, ...mapped, dma(0x1000n))).toBe(fault)
    expect(last(world, ...mapped, { type: 'ALLOW', ...range, allowed: true }, dma(0x1000n))).toBe(hit)
  })

  test('to memory that is off is an Unsupported Request of that device', () => {
    expect(feed(rootComplex, world, map(0x1000n, 0xfe000n), off, dma(0x1000n)).said.slice(2)).toEqual([
      '~ kmsg <3>pcieport: AER: Uncorrected (Non-Fatal) error: UnsupReq, address 0x1000, requester dev1, completer dev2',
      't1 ANSWER ret=unsupported-request of=dev2 owner=vmm memory=false',
    ])
  })

  test('to where nobody is reaches nobody', () => {
    expect(last(world, map(0x1000n, 0x1n), dma(0x1000n))).toBe(
      't1 ANSWER ret=unsupported-request of=null owner=null memory=null',
    )
  })

  test('says whose device it reached', () => {
    const given = [map(0x1000n, 0xfe000n), { type: 'SET_OWNER', device: 'dev2', owner: 'other' }]
    expect(last(world, ...given, dma(0x1000n))).toBe('t1 ANSWER ret=hit of=dev2 owner=other memory=true')
    const released = { type: 'SET_OWNER', device: 'dev2', owner: null }
    expect(last(world, ...given, released, dma(0x1000n))).toBe('t1 ANSWER ret=hit of=dev2 owner=null memory=true')
  })
})

describe('a load of a processor', () => {
  test('needs no IOMMU', () => {
    expect(feed(rootComplex, world, load(0x380000000n)).said).toEqual(['~ dev2 reached by the processor', hit])
    expect(last(world, load(0x380000001n))).toBe('t1 ANSWER ret=unsupported-request of=null owner=null memory=null')
  })

  test('of memory that is off is an Unsupported Request', () => {
    expect(last(world, off, load(0xfe000n))).toBe('t1 ANSWER ret=unsupported-request of=dev2 owner=vmm memory=false')
  })
})

test('a device that sleeps takes no access, and does when it is awake again, if its memory is on', () => {
  const sleep = { type: 'SET_POWER', device: 'dev2', on: false }
  const refused = 't1 ANSWER ret=unsupported-request of=dev2 owner=vmm memory=false'
  expect(last(world, sleep, load(0xfe000n))).toBe(refused)
  expect(last(world, map(0x1000n, 0xfe000n), sleep, dma(0x1000n))).toBe(refused)
  expect(last(world, sleep, sleep, { ...sleep, on: true }, load(0xfe000n))).toBe(hit)
  expect(last(world, sleep, { ...off, on: true }, load(0xfe000n))).toBe(refused)
  expect(last(world, sleep, off, { ...sleep, on: true }, load(0xfe000n))).toBe(refused)
  expect(last(world, { ...sleep, device: 'dev1' }, load(0xfe000n))).toBe(hit)
})

describe('where errors are fatal', () => {
  const strict = { ...world, platform: 'fatal' }

  test.each([
    ['an Unsupported Request of a DMA', [map(0x1000n, 0xfe000n), off, dma(0x1000n)], 'Unsupported Request of dev1'],
    ['an Unsupported Request of a load', [off, load(0xfe000n)], 'Unsupported Request of the processor'],
    ['an IOMMU fault', [dma(0x1000n)], 'IOMMU fault of dev1'],
  ])('%s is the end of it', (_, heard, title) => {
    const run = feed(rootComplex, strict, ...heard)
    expect(run.said.at(-1)).toBe(`! bug fatal: ${title}`)
    expect(run.said.at(-2)).toMatch(/^~ kmsg <3>/)
    expect(run.snapshot.value).toBe('dead')
  })

  test('what hits is nothing special', () => {
    expect(last(strict, map(0x1000n, 0xfe000n), dma(0x1000n))).toBe(hit)
  })
})

describe('a reset', () => {
  const both = { ...world, memory: { dev1: false, dev2: true } }
  const reset = { type: 'RESET', devices: ['dev1', 'dev2'] }
  const isOn = { type: 'IS_ON', device: 'dev2' }

  test('leaves memory off, and says of which devices it was on', () => {
    expect(feed(rootComplex, both, isOn, reset, isOn).said).toEqual([
      't1 ANSWER on=true',
      't1 ANSWER ret=0 on=[dev2]',
      't1 ANSWER on=false',
    ])
  })

  test('is over when what was saved is written back', () => {
    const run = feed(rootComplex, both, reset, { type: 'RESTORE', devices: ['dev2'] }, isOn)
    expect(run.said.at(-1)).toBe('t1 ANSWER on=true')
    expect(run.atRest).toBe(true)
  })
})

test('page tables are the same in whatever order they came to be', () => {
  const one = feed(rootComplex, world, map(0x1000n, 0xfe000n), map(0x3000n, 0xfe001n))
  const two = feed(rootComplex, world, map(0x3000n, 0xfe001n), map(0x1000n, 0xfe000n))
  expect(one.snapshot.context).toEqual(two.snapshot.context)
  expect(feed(rootComplex, world, map(0x1000n, 0xfe000n), { type: 'UNMAP', ...range }).atRest).toBe(true)
})
