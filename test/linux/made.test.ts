/** A Linux that is made of less than there is has no less than what is described. */
import { expect, test } from 'vitest'
import { unmap } from '../../actors/kernel/unmap/describe.ts'
import { worldOf } from '../../actors/kernel/made.ts'
import type { LinuxDescription } from '../../actors/kernel/describe.ts'
import { drivers } from '../../scenarios/unmap/drivers.ts'

test('what is described and cannot be made is refused, and not left out', () => {
  const tasks = { vmm0: [unmap(0x1000, 0x1000)] }
  const mapped = { container0: { mappings: [{ iova: 0x1000, size: 0x1000 }], groups: {} } }
  expect(() => worldOf({ subjects: {} }, { unmap: 'restart', containers: mapped, tasks })).toThrow('without unmap')
  const byCalls: LinuxDescription = {
    systemCalls: { profile: '6.1' },
    tasks: { p0: [{ op: 'open_container', as: 'c' }] },
  }
  expect(() => drivers(byCalls)).toThrow('without systemCalls')
})
