/** What zapping is worth, explored: a processor loads from a BAR while another clears COMMAND.MEMORY of the device. */
import { describe, expect, test } from 'vitest'
import { linux } from '../../actors/kernel/linux.ts'
import {
  disableMemory,
  fork,
  load,
  mmap,
  mremap,
  munmap,
  type Call,
} from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { toSystem } from '../../actors/running/system.ts'
import { explore } from '../../explore/index.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import type { MmForm } from '../../machines/mm/vma/vma-steps.ts'

type Tasks = Parameters<typeof linux>[0]['tasks']

const whole = 'no load meets memory that is off'
const hit = 'a load hits'
const refused = 'a load is refused'

/** The verdicts on what loads came to, in every order. */
async function told(form: Partial<MmForm>, tasks: Tasks, before: readonly Call[]) {
  const devices = { dev2: { container: 'container0', bars: { 0: 2, 1: 1 } } }
  const world = linux({ deviceMemory: { protocol: 'none', but: form }, devices, before, tasks })
  const report = await explore(toSystem(world), [
    always<LinuxView>(whole, (w) => w.deviceMemory.loads.every(({ memory }) => memory !== false)),
    sometimes<LinuxView>(hit, (w) => w.deviceMemory.loads.some(({ ret }) => ret === 'hit')),
    sometimes<LinuxView>(refused, (w) => w.deviceMemory.loads.some(({ ret }) => ret === '-SIGBUS')),
  ])
  expect(report.exhaustive).toBe(true)
  return Object.fromEntries(report.properties.map(({ name, verdict }) => [name, verdict]))
}

const disabling = [disableMemory('dev2')]

describe.each(['by-list', 'by-inode'] as const)('memory that is zapped %s', (zap) => {
  const safe = { [whole]: 'holds', [hit]: 'seen', [refused]: 'seen' }

  test('is not read after it was disabled', async () => {
    expect(await told({ zap }, { vmm0: [load('dev2')], vmm1: disabling }, [mmap('dev2')])).toEqual(safe)
  })

  test('nor is what is left of a mapping', async () => {
    const tasks = {
      vmm0: [load('dev2', { at: 0x11000 })],
      vmm1: disabling,
      vmm2: [munmap('dev2', { at: 0x10000, size: 0x1000 })],
    }
    expect(await told({ zap }, tasks, [mmap('dev2', { at: 0x10000 }), load('dev2', { at: 0x10000 })])).toEqual(safe)
  })

  test('nor by a child, which has what its parent had faulted in', async () => {
    const tasks = { vmm0: [fork('child')], vmm1: disabling, child0: { process: 'child', script: [load('dev2')] } }
    expect(await told({ zap }, tasks, [mmap('dev2'), load('dev2')])).toEqual(safe)
  })

  test('nor by a child that was there already', async () => {
    const tasks = { vmm1: disabling, child0: { process: 'child', script: [load('dev2')] } }
    expect(await told({ zap }, tasks, [mmap('dev2'), load('dev2'), fork('child')])).toEqual(safe)
  })
})

test('memory that is never zapped is read after it was disabled', async () => {
  expect(await told({ zap: 'never' }, { vmm0: [load('dev2')], vmm1: disabling }, [mmap('dev2')])).toMatchObject({
    [whole]: 'violated',
  })
})

test.each([
  ['by-list', 'violated'],
  ['by-inode', 'holds'],
] as const)('a mapping that was moved is found again %s: %s', async (zap, verdict) => {
  const moved = [mremap('dev2', 0x90000), load('dev2', { at: 0x90000 })]
  const before = [mmap('dev2'), load('dev2')]
  expect(await told({ zap }, { vmm0: moved, vmm1: disabling }, before)).toMatchObject({
    [whole]: verdict,
    [hit]: 'seen',
  })
})

test.each([
  [0, 'holds'],
  [1, 'violated'],
] as const)('with physical pages in vm_pgoff, BAR %i is zapped: %s', async (bar, verdict) => {
  const form = { zap: 'by-inode', pgoff: 'pfn' } as const
  const tasks = { vmm0: [load('dev2', { bar })], vmm1: disabling }
  expect(await told(form, tasks, [mmap('dev2', { bar })])).toMatchObject({ [whole]: verdict, [hit]: 'seen' })
})
