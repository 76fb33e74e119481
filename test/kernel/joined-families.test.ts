/** One's own in the worlds of device memory and of shared virtual memory, as in that of VFIO. */
import { expect, test } from 'vitest'
import { closeDevice, linux, explore, mapMemory, share, sometimes, bind, unshare } from '../../index.ts'
import { builtIn, call, kernel, mutex, mutex_lock, mutex_unlock, procedure, ret } from '../../kernel/index.ts'

const devices = { dev1: { container: 'container0' }, dev2: { container: 'container1' } } as const
const closing = () =>
  linux({
    deviceMemory: 'vma-private',
    devices,
    before: [share('dev2'), mapMemory('container0', 0x1000, 'dev2'), unshare('dev2')],
    tasks: { vmm1: [closeDevice('dev2')] },
  })

const [mine, iommu] = [mutex('mine'), mutex('container0.lock')]
const through = sometimes<{ readonly finished: boolean }>('everybody comes through', (w) => w.finished)

test('a lock of the world is one, and orders with one’s own', async () => {
  const one = procedure('one', [mutex_lock(iommu), mutex_lock(mine), mutex_unlock(mine), mutex_unlock(iommu)])
  const other = procedure('other', [mutex_lock(mine), mutex_lock(iommu), mutex_unlock(iommu), mutex_unlock(mine)])
  const alone = await explore(kernel({ beside: closing(), threads: { a: one } }), [through])
  expect([alone.findings, alone.exhaustive, alone.properties[0]!.verdict]).toEqual([[], true, 'seen'])
  const both = await explore(kernel({ beside: closing(), threads: { a: one, b: other } }))
  expect(both.findings.map(({ title }) => title).toSorted()).toEqual([
    'deadlock at container0.lock and mine',
    'lock order iommu->lock → mine → iommu->lock',
  ])
})

test('a release is wrapped, with a mutex around it that another holds while it wants what the release wants', async () => {
  const wraps = procedure('wraps', [mutex_lock(mine), call(builtIn('dev2.release')), mutex_unlock(mine)])
  const one = procedure('one', [mutex_lock(iommu), mutex_lock(mine), mutex_unlock(mine), mutex_unlock(iommu)])
  const { findings, properties } = await explore(
    kernel({ beside: closing(), threads: { a: one }, instead: { 'dev2.release': wraps } }),
    [through],
  )
  expect(findings.map(({ title }) => title)).toContain('deadlock at container0.lock and mine')
  expect(properties[0]!.verdict).toBe('seen')
})

test('a call of shared virtual memory is replaced, and a view knows both', async () => {
  const refuses = procedure('refuses', [ret('-EPERM')])
  const takes = procedure('takes', [mutex_lock(mine), mutex_unlock(mine)])
  const world = kernel({
    beside: linux({ svm: 'sva-domain', tasks: { vmm0: [bind('dev0')] } }),
    threads: { a: takes },
    instead: { iommu_bind: refuses },
  })
  const { findings, exhaustive, properties } = await explore(world, [
    through,
    sometimes('bind is refused', (w) => w.result('vmm0', 'bind')?.ret === '-EPERM' && w.thread('a').finished),
  ])
  expect([findings, exhaustive, properties.map(({ verdict }) => verdict)]).toEqual([[], true, ['seen', 'seen']])
})

test('a call that is not there is told with those that are', () => {
  const none = procedure('none', [])
  expect(() => kernel({ beside: closing(), instead: { 'dev2.relese': none } })).toThrow(
    'No thread of this world makes a call "dev2.relese". Did you mean "dev2.release"?',
  )
})
