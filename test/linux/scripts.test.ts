/** System calls stand in scripts of linux() as all other calls do: with choices, branches and loops among them, and results of one form. */
import { describe, expect, test } from 'vitest'
import { linux } from '../../actors/kernel/linux.ts'
import type { LinuxDescription } from '../../actors/kernel/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { toSystem } from '../../actors/running/system.ts'
import { branch, choose, forever, leave, mayFail } from '../../actors/scripts/script.ts'
import { explore } from '../../explore/index.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { refusalOf } from '../shapes/refusals.ts'

const page = 0x1000
const before = [
  { op: 'open_container', as: 'c0' },
  { op: 'open_group', dev: 'emu0', as: 'g0' },
  { op: 'group_set_container', fd: 'g0', container: 'c0' },
  { op: 'set_iommu', fd: 'c0', type: 3 },
  { op: 'mmap', as: 'b0', len: page },
  { op: 'thread', as: 't1' },
]
const map = { op: 'map_dma', fd: 'c0', iova: page, size: page, vaddr: 'b0', flags: 3 }
const unmap = { op: 'unmap_dma', fd: 'c0', iova: page, size: page }

const story = (tasks: LinuxDescription['tasks'], more: Partial<LinuxDescription> = {}): LinuxDescription => ({
  ...{ systemCalls: '6.1', before, tasks },
  ...more,
})

/** What is seen of all states in which everybody is through, in every run of a complete search. */
async function ends(description: LinuxDescription, seen: (w: LinuxView) => string): Promise<readonly string[]> {
  const all = new Set<string>()
  const spy = sometimes<LinuxView>('everybody is through', (w) => {
    if (w.finished) all.add(seen(w))
    return w.finished
  })
  const { exhaustive, findings } = await explore(toSystem(linux(description)), [spy])
  expect([exhaustive, findings]).toEqual([true, []])
  return [...all].sort()
}

const returned = (task: string) => (w: LinuxView) =>
  w
    .task(task)
    .results.map(({ call, ret }) => `${call} ${ret}`)
    .join(', ')

describe('a script of system calls', () => {
  test('goes one way or the other', async () =>
    expect(await ends(story({ p0: [choose(map, unmap), map] }), returned('p0'))).toEqual([
      'map_dma 0, map_dma -EEXIST',
      'unmap_dma 0, map_dma 0',
    ]))

  test('goes on by what a call returned', async () => {
    const script = [map, branch(map, { '-EEXIST': [unmap] }, [map])]
    expect(await ends(story({ p0: script }), returned('p0'))).toEqual(['map_dma 0, map_dma -EEXIST, unmap_dma 0'])
  })

  test('may fail, and then nothing is done', async () => {
    const mapped = (w: LinuxView) => `${returned('p0')(w)}: ${w.system.mappings().length}`
    expect(await ends(story({ p0: [mayFail(map, '-ENOMEM')] }), mapped)).toEqual(['map_dma -ENOMEM: 0', 'map_dma 0: 1'])
  })

  test('goes round until it is left', async () => {
    const script = [forever(choose({ op: 'get_api_version', fd: 'c0' }, leave())), map]
    expect(await ends(story({ p0: script }), returned('p0'))).toEqual(['map_dma 0'])
  })

  test('comes afterwards when all are through, by whom it names', async () => {
    const after = [{ ...unmap, proc: 't1' }]
    expect(await ends(story({ p0: [map], t1: [] }, { after }), returned('t1'))).toEqual(['unmap_dma 0'])
    const size = (w: LinuxView) =>
      [w.result('t1', 'unmap_dma')!['size'], w.system.result('t1', 0)!['size']].map(String).join(' ')
    expect(await ends(story({ p0: [map], t1: [] }, { after }), size)).toEqual(['4096 0x1000'])
  })
})

describe('what does not fit is told by its place', () => {
  const slips: readonly (readonly [string, LinuxDescription, string])[] = [
    ['a thread that nobody makes', story({ t2: [map] }), 'tasks.t2 is nobody by then. Did you mean "t1"?'],
    ['a call of another thread', story({ p0: [{ ...map, proc: 't1' }] }), 'tasks.p0[0].proc cannot be "t1"'],
    [
      'a process that it has already',
      story({ p0: { process: 'vmm', script: [map] } }),
      'tasks.p0.process cannot be "vmm"',
    ],
    [
      'a name that stands for what is made on the way',
      story({ p0: [choose([{ op: 'dup', fd: 'c0', as: 'c1' }], unmap)] }),
      'tasks.p0[0].ways[0][0].as cannot be "c1"',
    ],
    ['somebody who waits in a task', story({ p0: [{ op: 'await', proc: 'p0' }] }), 'tasks.p0[0].op cannot be "await"'],
    [
      'when a call begins, which tasks do not say',
      story({ p0: [{ ...map, async: 10 }] }),
      'tasks.p0[0].async is of no use in a story',
    ],
    [
      'that calls begin together, on the way',
      story({ p0: [choose([{ ...map, barrier: 3 }], unmap)] }),
      'tasks.p0[0].ways[0][0].barrier is of no use in a story',
    ],
    [
      'the same before the story begins',
      story({ p0: [map] }, { before: [{ ...before[0]!, async: 0 }, ...before.slice(1)] }),
      'before[0].async is of no use in a story',
    ],
    [
      'the same when it is over',
      story({ p0: [map] }, { after: [{ ...unmap, barrier: 1 }] }),
      'after[0].barrier is of no use in a story',
    ],
    [
      'a kernel',
      story({ p0: [map] }, { systemCalls: '6.2' as '6.1' }),
      'systemCalls cannot be "6.2". Did you mean "6.1"?',
    ],
    [
      'a trait',
      story({ p0: [map] }, { systemCalls: { profile: '6.1', but: { owners: 'process' } as object } }),
      'systemCalls.but.owners is not known. Did you mean "owner"?',
    ],
    [
      'a descriptor that nobody makes',
      story({ p0: [{ ...map, fd: 'c9' }] }),
      'tasks.p0[0].fd cannot be "c9". Did you mean "c0"?',
    ],
    [
      'an operation where nobody answers any',
      { svm: 'sva-domain', tasks: { vmm0: [map] } },
      'tasks.vmm0[0].op cannot be "map_dma"',
    ],
    [
      'something that comes after no system calls',
      { svm: 'sva-domain', tasks: { vmm0: [] }, after: [unmap] },
      'after is of no use.',
    ],
  ]
  test.each(slips)('%s', (_, description, said) => expect(refusalOf(() => linux(description)).fact).toContain(said))
})
