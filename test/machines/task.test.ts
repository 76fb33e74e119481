import { expect, test } from 'vitest'
import { task } from '../../machines/user/task.ts'
import { feed } from './feed.ts'

const script = [
  { call: 'vmm0/map', args: { iova: 0x1000n, size: 0x1000n, prot: 'rw' } },
  { call: 'vmm0/unmap', args: { iova: 0x1000n, size: 0x1000n }, as: 'unmap' },
]
const vmm = { task: 'vmm0', mm: 'mm0', script }
const mapped = { type: 'RETURN', ret: 0 }
const unmapped = { type: 'RETURN', ret: 0, size: 0x1000n }

test('a task makes its calls one after the other, on behalf of its own mm', () => {
  const run = feed(task, vmm, 'START', mapped, unmapped)
  expect(run.said).toEqual([
    'vmm0/map CALL mm=mm0 iova=0x1000 size=0x1000 prot=rw',
    'vmm0/unmap CALL mm=mm0 iova=0x1000 size=0x1000',
  ])
  expect(run.snapshot.value).toBe('finished')
})

test('a task keeps what it got back, under the name the story gave it', () => {
  expect(feed(task, vmm, 'START', mapped, unmapped).snapshot.context.results).toEqual([
    { call: 'vmm0/map', ret: 0 },
    { call: 'unmap', ret: 0, size: 0x1000n },
  ])
})

test('a task that need not remember keeps nothing', () => {
  const { context } = feed(task, { ...vmm, remember: false }, 'START', mapped, unmapped).snapshot
  expect(context.results).toEqual([])
  expect(context.pc).toBe(2)
})

test('a task without a script is finished at once', () => {
  const run = feed(task, { ...vmm, script: [] }, 'START')
  expect(run.said).toEqual([])
  expect(run.snapshot.value).toBe('finished')
})
