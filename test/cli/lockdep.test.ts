/** `relock lockdep`: of scenarios, of a run by its address, as text, as a document and as a picture. */
import { afterAll, expect, test } from 'vitest'
import { commands, forget, hasControl, relockIn, scratch, widest } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

const deviceList = ['stale-dma', '--unmap', 'device-list', '--tasks', '1']
const splat = (out: string): string => /^BUG: relock: .*?(?=^={66}$)/ms.exec(out)?.[0] ?? ''

test('one task is enough, and explore, replay and show tell the same splat', async () => {
  const told = await relock(['lockdep', ...deviceList])
  expect({ code: told.code, err: told.err }).toEqual({ code: 1, err: '' })
  expect(widest(told.out)).toBeLessThanOrEqual(80)
  expect(hasControl(told.out)).toBe(false)
  expect(splat(told.out)).toContain('WARNING: possible circular locking dependency detected\nrelock stale-dma #')
  const [, address = ''] = commands(told.out).find(([command]) => command === 'replay')!
  const others = await Promise.all([
    relock(['explore', ...deviceList]),
    relock(['show', ...deviceList]),
    relock(['replay', address]),
    relock(['lockdep', address]),
  ])
  expect(others.map(({ code }) => code)).toEqual([1, 1, 1, 1])
  expect(new Set(others.map(({ out }) => splat(out)))).toEqual(new Set([splat(told.out)]))
})

test('without an inversion the order is told and the code is 0; 3 when the search was cut short', async () => {
  const [whole, cut] = await Promise.all([
    relock(['lockdep', 'stale-dma', '--unmap', 'restart']),
    relock(['lockdep', 'well-behaved', '--unmap', 'gated', '--states', '20']),
  ])
  expect(whole).toMatchObject({ code: 0, err: '' })
  expect(whole!.out).toMatch(/^✓ stale-dma,unmap=restart,tasks=2 {3}no inversion · /)
  expect(whole!.out).toContain('iommu->notifier.rwsem\n    → ')
  expect(cut).toMatchObject({ code: 3 })
  expect(cut!.out).toMatch(/^~ .*no inversion so far/)
})

test('several are a list of documents, and a picture is a picture', async () => {
  const [json, picture, wrong] = await Promise.all([
    relock(['lockdep', 'v1-tail', 'stale-dma,unmap=device-list,tasks=1', '--json']),
    relock(['lockdep', ...deviceList, '--picture', 'dot']),
    relock(['lockdep', ...deviceList, '--picture', 'svg']),
  ])
  expect(JSON.parse(json!.out)).toMatchObject([{ version: 1 }, { version: 1, verdict: 'violated' }])
  expect(picture!.out).toMatch(/^digraph "stale-dma,unmap=device-list,tasks=1" \{\n/)
  expect(wrong).toMatchObject({ code: 2, out: '' })
})
