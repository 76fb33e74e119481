import { describe, expect, test } from 'vitest'
import { freeTask } from '../../machines/kernel/tasks/free-task.ts'
import { task } from '../../machines/kernel/tasks/task.ts'
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

describe('the way of a task parts', () => {
  const call = (name: string) => ({ call: `vmm0/${name}`, args: {}, as: name })
  const chosen = (side: number) => ({ type: 'CHOSEN', side })
  const returned = (ret: number | string) => ({ type: 'RETURN', ret })
  const run = (script: readonly unknown[], ...heard: Parameters<typeof feed>[2][]) => {
    const { said, snapshot } = feed(freeTask, { ...vmm, script }, 'START', ...heard)
    const { results, rounds } = snapshot.context as { results: readonly { call: string }[]; rounds?: readonly number[] }
    return {
      said: said.map((line) => line.split(' ')[0]),
      results: results.map((each) => each.call),
      rounds,
      at: snapshot.value,
    }
  }

  test('as nobody decides', () => {
    const script = [
      { choose: [1, 3], of: 'vmm0/either', sides: [], says: ['map', 'nothing'] },
      call('map'),
      { goto: 3 },
      call('unmap'),
    ]
    expect(run(script, chosen(0), mapped, unmapped).said).toEqual(['vmm0/either', 'vmm0/map', 'vmm0/unmap'])
    expect(run(script, chosen(1), unmapped)).toMatchObject({ said: ['vmm0/either', 'vmm0/unmap'], at: 'finished' })
    expect(feed(freeTask, { ...vmm, script }, 'START').said).toEqual([
      'vmm0/either CHOOSE ways=[map, nothing] quiet=true',
    ])
  })

  test('by what a call returned, a call that was not made too', () => {
    const script = [call('map'), { branch: { '-17': 2 }, otherwise: 3 }, call('unmap')]
    expect(run(script, returned(-17)).said).toEqual(['vmm0/map', 'vmm0/unmap'])
    expect(run(script, mapped)).toMatchObject({ said: ['vmm0/map'], at: 'finished' })
    const failing = [{ fails: 'map', ret: '-ENOMEM' }, { branch: { '-ENOMEM': 2 }, otherwise: 3 }, call('unmap')]
    expect(run(failing)).toMatchObject({ said: ['vmm0/unmap'], results: ['map'] })
  })

  test('and goes round; each round forgets what the one before returned, and no more', () => {
    const script = [call('open'), { enter: true }, call('map'), call('unmap'), { again: 2 }, { exit: true }]
    expect(run(script, mapped, mapped, unmapped)).toMatchObject({ results: ['open'], rounds: [1], at: 'calling' })
    expect(run(script, mapped, mapped, unmapped, mapped).results).toEqual(['open', 'map'])
    const left = [{ enter: true }, call('map'), { goto: 4 }, { again: 1 }, { exit: true }, call('unmap')]
    expect(run(left, mapped)).toMatchObject({ results: ['map'], rounds: [], at: 'calling' })
  })
})
