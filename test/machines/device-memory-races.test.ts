/** What calls may meet of each other, explored: a hot reset that gives up, an ioctl of a container that was dissolved. */
import { describe, expect, test } from 'vitest'
import { linux } from '../../actors/kernel/linux.ts'
import {
  closeContainer,
  closeDevice,
  disableMemory,
  hotReset,
  mapMemory,
  share,
  unmapMemory,
} from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { toSystem } from '../../actors/running/system.ts'
import { explore } from '../../explore/index.ts'
import { sometimes } from '../../explore/claims/properties.ts'

type Description = Parameters<typeof linux>[0]

const page = 0x1000

/** Titles of what was found, and which of these states were seen. */
async function seen(description: Description, states: Readonly<Record<string, (view: LinuxView) => boolean>>) {
  const properties = Object.entries(states).map(([name, holds]) => sometimes<LinuxView>(name, holds))
  const report = await explore(toSystem(linux(description)), properties)
  expect(report.exhaustive).toBe(true)
  expect(report.reduction).toBe('on')
  return {
    findings: report.findings.map(({ title }) => title),
    seen: report.properties.filter(({ verdict }) => verdict === 'seen').map(({ name }) => name),
  }
}

describe('a hot reset that meets a busy memory_lock', () => {
  const before = [share('dev2'), mapMemory('container0', page, 'dev2')]
  const devices = {
    dev1: { container: 'container0' },
    dev2: { container: 'container1', resetSet: 'bus' },
    dev3: { container: 'container1', resetSet: 'bus' },
  }
  const tasks = { vmm0: [hotReset('dev2', 'dev3')], vmm1: [disableMemory('dev3')] }
  const isBusy = ({ result }: LinuxView) => result('vmm0', 'hotReset')?.ret === '-EBUSY'

  test.each([
    ['dma-buf', undefined, 'unmapped'],
    ['device-notifier', 'unmap', 'unmapped'],
    ['device-notifier', 'revoke', 'allowed'],
    ['device-notifier', 'keep', 'allowed'],
  ] as const)('leaves the mapping of %s (%s) %s', async (protocol, memory, state) => {
    const but = memory === undefined ? {} : { memory }
    const came = await seen(
      { deviceMemory: { protocol, as: 'repaired', but }, devices, before, tasks },
      {
        unmapped: (view) => isBusy(view) && view.deviceMemory.mapped('container0', page) === undefined,
        revoked: (view) => isBusy(view) && view.deviceMemory.mapped('container0', page)?.allowed === false,
        allowed: (view) => isBusy(view) && view.deviceMemory.mapped('container0', page)?.allowed === true,
      },
    )
    expect(came).toEqual({ findings: [], seen: [state] })
  })
})

describe('a container that is dissolved', () => {
  const devices = { dev1: { container: 'container0' }, dev2: { container: 'container1' } }
  const closing = [closeDevice('dev1'), closeContainer('container0')]
  const before = [share('dev2'), mapMemory('container0', page, 'dev2')]
  const refused = (task: string, call: 'mapMemory' | 'unmapMemory') => (view: LinuxView) =>
    view.result(task, call)?.ret === '-EINVAL'

  test('refuses to map and to unmap', async () => {
    const mapping = mapMemory('container0', page, 'dev2')
    const tasks = { vmm0: [...closing, mapping, unmapMemory('container0', page, page)] }
    const came = await seen(
      { deviceMemory: 'none', devices, before, tasks },
      {
        map: refused('vmm0', 'mapMemory'),
        unmap: refused('vmm0', 'unmapMemory'),
      },
    )
    expect(came).toEqual({ findings: [], seen: ['map', 'unmap'] })
  })

  test('is used after it was freed by who asked before', async () => {
    const tasks = { vmm0: closing, vmm1: [unmapMemory('container0', page, page)] }
    const came = await seen({ deviceMemory: 'none', devices, before, tasks }, { unmap: refused('vmm1', 'unmapMemory') })
    expect(came).toEqual({ findings: ['use-after-free in vfio_dma_do_unmap'], seen: ['unmap'] })
  })
})
