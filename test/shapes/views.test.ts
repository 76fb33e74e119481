/** What a property asks a view for exists, or it is told which there are: nothing is as good as an answer, and a claim about nobody holds. */
import { describe, expect, test } from 'vitest'
import { always, bind, linux, explore, pin, start, unmap, type LinuxDescription } from '../../index.ts'

const page = 0x1000

const container = {
  mappings: [{ iova: page, size: page }],
  groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [page] } } } },
} as const
const described: LinuxDescription = {
  unmap: 'restart',
  containers: { container0: container },
  tasks: { vmm0: [unmap(page, page), pin('mdev0', page)] },
}

const vfioView = (unmap: NonNullable<LinuxDescription['unmap']> = 'restart') =>
  start(linux({ ...described, unmap })).state
const memoryView = () =>
  start(
    linux({
      deviceMemory: 'none',
      devices: { dev1: { container: 'container0' } },
      tasks: { vmm0: [{ do: 'dma', device: 'dev1', iova: 0 }] },
    }),
  ).state
const sharedView = () => start(linux({ svm: 'rfc29', tasks: { vmm0: [bind('dev0')] } })).state
const linuxView = () =>
  start(
    linux({
      systemCalls: '6.1',
      before: [{ op: 'thread', as: 't1' }],
      tasks: { p0: [{ op: 'nop' }], t1: [{ op: 'nop' }, { op: 'nop' }] },
    }),
  ).state

type Ask = (name: never) => unknown

/** Family, what is asked, how; a name that there is, one that there is not, and what is said of that. */
const questions: readonly (readonly [string, string, Ask, right: unknown, wrong: unknown, said: string])[] = [
  ['vfio', 'task', (n) => vfioView().task(n), 'vmm0', 'vmm9', 'Unknown task "vmm9". Did you mean "vmm0"? Known: vmm0.'],
  [
    'vfio',
    'result',
    (n) => vfioView().task('vmm0').result(n),
    'unmap',
    'unmapp',
    'Unknown call "unmapp". Did you mean "unmap"? Known: map, unmap,',
  ],
  [
    'vfio',
    'nth result',
    (n) => vfioView().task('vmm0').result('unmap', n),
    0,
    -1,
    'There is no result number -1: they are counted from 0.',
  ],
  [
    'vfio',
    'mappings',
    (n) => vfioView().vfio.mappings(n),
    'container0',
    'container1',
    'Unknown container "container1". Did you mean "container0"?',
  ],
  [
    'vfio',
    'mapped',
    (n) => vfioView().vfio.mapped(page, n),
    'container0',
    'nobody',
    'Unknown container "nobody". Known: container0.',
  ],
  [
    'vfio',
    'mapped at',
    (n) => vfioView().vfio.mapped(n),
    page,
    '0x1000',
    'Not an address: 0x1000. Expected: a whole number of bytes',
  ],
  ['vfio', 'mapped at nothing', (n) => vfioView().vfio.mapped(n), 0n, undefined, 'Not an address: undefined.'],
  ['vfio', 'pinned', (n) => vfioView().vfio.pinned(page, n), 'container0', 'nobody', 'Unknown container "nobody"'],
  ['vfio', 'driver', (n) => vfioView().vfio.driver(n), 'mdev0', 'mdev', 'Unknown device "mdev". Did you mean "mdev0"?'],
  ['vfio', 'mirrors', (n) => vfioView().vfio.driver('mdev0').mirrors(n), page, NaN, 'Not an address: NaN.'],
  [
    'vfio',
    'callbacks',
    (n) => vfioView().vfio.callbacks(n),
    'mdev0',
    'nobody',
    'Unknown device "nobody". Known: mdev0.',
  ],
  [
    'vfio',
    'users',
    (n) => vfioView().vfio.users(n),
    'group26',
    'group62',
    'Unknown group "group62". Did you mean "group26"?',
  ],
  ['vfio', 'listeners', (n) => vfioView().vfio.listeners(n), 'container0', 'nobody', 'Unknown container "nobody"'],
  [
    'iommufd',
    'listeners',
    (n) => vfioView('gated').vfio.listeners(n),
    'container0',
    'nobody',
    'Unknown container "nobody"',
  ],
  [
    'iommufd',
    'mapped',
    (n) => vfioView('gated').vfio.mapped(page, n),
    'container0',
    'nobody',
    'Unknown container "nobody"',
  ],
  [
    'device memory',
    'result',
    (n) => memoryView().result(n, 'dma'),
    'vmm0',
    'vmm',
    'Unknown task "vmm". Did you mean "vmm0"?',
  ],
  [
    'device memory',
    'result of',
    (n) => memoryView().result('vmm0', n),
    'dma',
    'dam',
    'Unknown call "dam". Did you mean "dma"?',
  ],
  [
    'device memory',
    'pages',
    (n) => memoryView().deviceMemory.pages(n),
    'container0',
    'c',
    'Unknown container "c". Known: container0.',
  ],
  [
    'device memory',
    'mapped',
    (n) => memoryView().deviceMemory.mapped(n, page),
    'container0',
    'c',
    'Unknown container "c"',
  ],
  [
    'device memory',
    'mapped at',
    (n) => memoryView().deviceMemory.mapped('container0', n),
    page,
    0.5,
    'Not an address: 0.5.',
  ],
  [
    'device memory',
    'mappings',
    (n) => memoryView().deviceMemory.mappings(n),
    'container0',
    'c',
    'Unknown container "c"',
  ],
  [
    'device memory',
    'users',
    (n) => memoryView().deviceMemory.users(n),
    'container0',
    'dev1',
    'Unknown container "dev1"',
  ],
  [
    'device memory',
    'containerOf',
    (n) => memoryView().deviceMemory.containerOf(n),
    'dev1',
    'dev2',
    'Unknown device "dev2". Did you mean "dev1"?',
  ],
  ['device memory', 'owner', (n) => memoryView().deviceMemory.owner(n), 'dev1', 'dev2', 'Unknown device "dev2"'],
  ['device memory', 'memoryOn', (n) => memoryView().deviceMemory.memoryOn(n), 'dev1', 'dev2', 'Unknown device "dev2"'],
  ['shared memory', 'result', (n) => sharedView().result(n, 'bind'), 'vmm0', 'vmm1', 'Unknown task "vmm1"'],
  [
    'shared memory',
    'result of',
    (n) => sharedView().result('vmm0', n),
    'bind',
    'binds',
    'Unknown call "binds". Did you mean "bind"?',
  ],
  [
    'shared memory',
    'results',
    (n) => sharedView().results(n),
    'unbind',
    'unbnid',
    'Unknown call "unbnid". Did you mean "unbind"?',
  ],
  [
    'Linux',
    'result',
    (n) => linuxView().system.result(n, 0),
    't1',
    't2',
    'Unknown thread "t2". Did you mean "t1"? Known: p0, t1.',
  ],
  ['Linux', 'nth result', (n) => linuxView().system.result('t1', n), 1, 2, 'Unknown operation "2". Known: 0, 1.'],
]

describe('a name that does not exist is told, with those that do', () => {
  test.each(questions)('%s: %s', (_, _what, ask, right, wrong, said) => {
    expect(() => ask(right as never)).not.toThrow()
    expect(() => ask(wrong as never)).toThrow(said)
  })
})

describe('what a view does not have is not false', () => {
  const views: readonly (readonly [string, () => object, string, string])[] = [
    ['vfio', vfioView, 'finshed', 'Did you mean "finished"? Known: finished, quiet, tasks, task,'],
    [
      'a task of vfio',
      () => vfioView().task('vmm0'),
      'finnished',
      'Did you mean "finished"? Known: finished, results, result.',
    ],
    ['a driver of vfio', () => vfioView().vfio.driver('mdev0'), 'pinned', 'Known: pins, mirror, mirrors.'],
    ['device memory', memoryView, 'quite', 'Did you mean "quiet"?'],
    ['shared memory', () => sharedView().svm, 'opne', 'Did you mean "open"?'],
    ['what is not described', vfioView, 'svm', 'Known: finished, quiet, tasks, task, result, results, vfio.'],
    ['Linux', linuxView, 'finsihed', 'Did you mean "finished"?'],
    ['processes of Linux', () => linuxView().system, 'mapings', 'Did you mean "mappings"?'],
  ]
  test.each(views)('%s', (_, view, name, said) => {
    expect(() => (view() as Readonly<Record<string, unknown>>)[name]).toThrow(`Unknown name "${name}".`)
    expect(() => (view() as Readonly<Record<string, unknown>>)[name]).toThrow(said)
  })

  test('but it can be printed, waited for and compared', async () => {
    const view = vfioView()
    expect(await Promise.resolve(view)).toBe(view)
    expect(JSON.stringify(view)).toContain('"finished":false')
    expect(view).toMatchObject({ finished: false, tasks: ['vmm0'] })
  })
})

test('a claim about nobody is not proved', async () => {
  const claim = always('nobody is called', (w: ReturnType<typeof vfioView>) => w.vfio.callbacks('nobody').length === 0)
  await expect(explore(linux(described), [claim])).rejects.toThrow('Unknown device "nobody". Known: mdev0.')
})
