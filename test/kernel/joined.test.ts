/** One's own in worlds that are there: callbacks, protocols and locks that take a place, threads that call what is built in, one lockdep, one view. */
import { describe, expect, test } from 'vitest'
import {
  always,
  explore,
  sometimes,
  unmap,
  linux,
  type Op,
  type Protocol,
  type Report,
  type LinuxView,
} from '../../index.ts'
import {
  builtIn,
  call,
  down_read,
  field,
  kernel,
  mutex,
  mutex_lock,
  mutex_unlock,
  procedure,
  read,
  ret,
  rw_semaphore,
  up_read,
  write,
  type Pointer,
} from '../../kernel/index.ts'

const titles = ({ findings }: Report) => findings.map(({ title }) => title)
const verdicts = ({ properties }: Report) => Object.fromEntries(properties.map(({ name, verdict }) => [name, verdict]))
const orders = ({ lockOrder }: Report) => lockOrder.map(({ from, to }) => `${from} → ${to}`)

const page = 0x1000

const host = (protocol: Protocol, unmappers = 1) =>
  linux({
    unmap: protocol,
    containers: {
      container0: {
        mappings: [
          { iova: page, size: page },
          { iova: 5 * page, size: page },
        ],
        groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [page] } } } },
      },
    },
    tasks: Object.fromEntries(Array.from({ length: unmappers }, (_, n) => [`vmm${n}`, [unmap(page, page)]])),
  })

const lock = mutex('my.lock')

/** The driver unpins under a mutex of its own. */
const myUnmap = procedure('my_dma_unmap', { iova: 0n }, [
  mutex_lock(lock),
  call(builtIn('unpin'), { with: ({ iova }) => ({ device: 'mdev0', iovas: [iova] }) }),
  mutex_unlock(lock),
])

const myWork = procedure('my_work', { got: 0 }, [
  mutex_lock(lock),
  call(builtIn('pin'), { with: () => ({ device: 'mdev0', iova: 0x5000n, prot: 'rw' }), into: 'got' }),
  mutex_unlock(lock),
  ret(({ got }) => got),
])

const comesThrough = sometimes<{ readonly finished: boolean }>('everybody comes through', (w) => w.finished)

describe('a callback of one’s own that takes the driver’s mutex, and a thread that holds it while it pins', () => {
  const world = (protocol: Protocol) =>
    kernel({ beside: host(protocol), threads: { worker: myWork }, instead: { 'mdev0.dma_unmap': myUnmap } })

  test('deadlock where drivers are told under iommu->lock', async () => {
    const report = await explore(world('under-lock'), [comesThrough])
    expect([report.states, report.exhaustive, verdicts(report)]).toEqual([22, true, { [comesThrough.name]: 'unseen' }])
    expect(titles(report)).toContain('deadlock at iommu.lock and my.lock')
    expect(orders(report)).toEqual(expect.arrayContaining(['iommu->lock → my.lock', 'my.lock → iommu->lock']))
  })

  test('come through, proved, where they are told without it', async () => {
    const gone = always<LinuxView>('what was unmapped is gone', (w) => !w.vfio.mapped(page), {
      when: (w) => w.finished,
    })
    const report = await explore(world('restart'), [gone, comesThrough])
    expect([report.states, report.exhaustive, titles(report), verdicts(report)]).toEqual([
      82,
      true,
      [],
      { [gone.name]: 'holds', [comesThrough.name]: 'seen' },
    ])
  })

  test('all of it is in one lockdep', async () => {
    expect(orders(await explore(world('restart'))).toSorted()).toEqual([
      'iommu->notifier.rwsem → iommu->lock',
      'iommu->notifier.rwsem → my.lock',
      'my.lock → iommu->lock',
    ])
  })
})

describe('a thread of one’s own that closes the device', () => {
  const closing = (held: boolean) =>
    procedure('my_release', [
      mutex_lock(lock),
      ...(held ? [] : [mutex_unlock(lock)]),
      call(builtIn('mdev0.close')),
      ...(held ? [mutex_unlock(lock)] : []),
    ])
  const world = (held: boolean) =>
    kernel({ beside: host('restart'), threads: { worker: closing(held) }, instead: { 'mdev0.dma_unmap': myUnmap } })

  test('with the mutex held that the callback takes: a deadlock with the notifier', async () => {
    expect(titles(await explore(world(true)))).toEqual([
      'lock order iommu->notifier.rwsem → my.lock → iommu->notifier.rwsem',
      'deadlock at my.lock and notifier.rwsem',
    ])
  })

  test('after it was let go of: none, proved', async () => {
    const { exhaustive, findings } = await explore(world(false), [comesThrough])
    expect([exhaustive, findings]).toEqual([true, []])
  })
})

describe('a protocol that is wrapped', () => {
  const iommu = mutex('iommu.lock')
  interface Told {
    iova: bigint
    size: bigint
    dma: Pointer | null
  }
  const none: Told = { iova: 0n, size: 0n, dma: null }
  const tells = (drops: boolean) =>
    procedure('my_notify', none, [
      ...(drops ? [mutex_unlock(iommu)] : []),
      call(builtIn('notify'), { with: ({ iova, size, dma }) => ({ iova, size, dma }) }),
      ...(drops ? [mutex_lock(iommu)] : []),
    ])

  test('an unlock and a relock around the notification free a mapping twice', async () => {
    const report = await explore(kernel({ beside: host('under-lock', 2), instead: { notify: tells(true) } }), [
      comesThrough,
    ])
    expect(titles(report)).toEqual(['double-free in vfio_remove_dma'])
    expect(verdicts(report)).toEqual({ [comesThrough.name]: 'seen' })
  })

  test('without them it is the protocol as it was: it hangs', async () => {
    const [wrapped, plain] = [
      await explore(kernel({ beside: host('under-lock', 2), instead: { notify: tells(false) } })),
      await explore(host('under-lock', 2)),
    ]
    expect(titles(wrapped)).toEqual(titles(plain))
    expect(titles(wrapped)).toContain('deadlock at iommu.lock')
  })

  test('one mutex around the whole unmap takes the race away, and the size comes back', async () => {
    const whole = procedure('my_unmap', { mm: '', iova: 0n, size: 0n, done: 0n }, [
      mutex_lock(lock),
      call(builtIn('unmap'), { with: ({ mm, iova, size }) => ({ mm, iova, size }), into: 'done', field: 'size' }),
      mutex_unlock(lock),
      ret(0, ({ done }) => ({ size: done })),
    ])
    const one = sometimes('the whole is reported', (w) => w.task('vmm0').result('unmap')?.size === BigInt(page))
    const report = await explore(kernel({ beside: host('per-mapping', 2), instead: { unmap: whole } }), [one])
    expect([report.exhaustive, titles(report), verdicts(report)]).toEqual([true, [], { [one.name]: 'seen' }])
    expect(titles(await explore(host('per-mapping', 2)))).toContain('use-after-free in vfio_dma_do_unmap')
  })
})

describe('a lock of one’s own in the place of iommu->lock', () => {
  const semaphore = rw_semaphore('iommu.lock')
  const looks = procedure('looks', [down_read(semaphore), up_read(semaphore)])

  test('an rw_semaphore is taken by writers as the mutex was', async () => {
    const report = await explore(kernel({ beside: host('restart', 2), objects: [semaphore] }), [comesThrough])
    const plain = await explore(host('restart', 2), [comesThrough])
    expect([titles(report), verdicts(report), orders(report)]).toEqual([titles(plain), verdicts(plain), orders(plain)])
    const two = [
      await explore(kernel({ beside: host('per-mapping', 2), objects: [semaphore] })),
      await explore(host('per-mapping', 2)),
    ]
    expect(titles(two[0]!)).toEqual(titles(two[1]!))
  })

  test('and two readers of one’s own share it, which a mutex does not let them', async () => {
    const shared = sometimes('both read', (w) => w.holders('iommu.lock').length === 2)
    const world = kernel({ beside: host('restart'), threads: { a: looks, b: looks } })
    expect(verdicts(await explore(world, [shared]))).toEqual({ [shared.name]: 'seen' })
    const alone = mutex('iommu.lock')
    const locks = procedure('locks', [mutex_lock(alone), mutex_unlock(alone)])
    const exclusive = kernel({ beside: host('restart'), threads: { a: locks, b: locks } })
    expect(verdicts(await explore(exclusive, [shared]))).toEqual({ [shared.name]: 'unseen' })
  })
})

describe('system calls and procedures of one’s own', () => {
  const before: readonly Op[] = [
    { op: 'open_container', as: 'c0' },
    { op: 'open_group', dev: 'emu0', as: 'g0' },
    { op: 'group_set_container', fd: 'g0', container: 'c0' },
    { op: 'set_iommu', fd: 'c0', type: 3 },
    { op: 'get_device_fd', fd: 'g0', dev: 'emu0', as: 'd0' },
    { op: 'mmap', as: 'b0', len: page },
    { op: 'map_dma', fd: 'c0', iova: page, size: page, vaddr: 'b0', flags: 3 },
    { op: 'emu_pin', fd: 'd0', iova: page, npage: 1, prot: 3 },
    { op: 'thread', as: 't1' },
  ]
  const story = linux({
    name: 'told',
    systemCalls: '6.1',
    before,
    tasks: { p0: [{ op: 'unmap_dma', fd: 'c0', iova: page, size: page }] },
  })
  const times = field('times', 0)
  const counts = procedure('counts', { n: 0 }, [
    mutex_lock(lock),
    read(times, 'n'),
    write(times, ({ n }) => n + 1),
    mutex_unlock(lock),
  ])
  const wrapped = procedure('counted_unmap', { iova: 0n, size: 0n }, [
    call(counts),
    call(builtIn('emu0.dma_unmap'), { with: ({ iova, size }) => ({ iova, size }) }),
  ])

  test('the callback of a device is wrapped, and a thread that is there runs something beside the ioctl', async () => {
    const both = sometimes(
      'both counted, and the page is gone',
      (w) =>
        w.finished &&
        w.field('times') === 2 &&
        w.result('p0', 'unmap_dma')?.ret === 0 &&
        w.thread('t1').result(0) === 0,
    )
    const world = kernel({ beside: story, threads: { t1: counts }, instead: { 'emu0.dma_unmap': wrapped } })
    const report = await explore(world, [both])
    expect([report.exhaustive, verdicts(report)]).toEqual([true, { [both.name]: 'seen' }])
    // What the built-in world has without it, too.
    expect(titles(report)).toEqual(titles(await explore(story)))
  })

  test('who joins has to be there', () =>
    expect(() => kernel({ beside: story, threads: { t2: counts } })).toThrow('No thread is called "t2".'))
})

describe('slips', () => {
  const nothing = procedure('nothing', [])
  const slips: readonly (readonly [string, () => unknown, string])[] = [
    [
      'a call that nobody makes cannot be replaced',
      () => kernel({ beside: host('restart'), instead: { 'mdev0.dma_unmp': nothing } }),
      'No thread of this world makes a call "mdev0.dma_unmp". Did you mean "mdev0.dma_unmap"?',
    ],
    [
      'nor called',
      () => kernel({ beside: host('restart'), threads: { a: procedure('x', [call(builtIn('unmapp'))]) } }),
      'No thread of this world makes a call "unmapp". Did you mean "unmap"?',
    ],
    [
      'nor is there anything built in where nothing is joined',
      () => kernel({ threads: { a: procedure('x', [call(builtIn('unmap'))]) } }),
      'No thread of this world makes a call "unmap".',
    ],
    [
      'what is no lock has a name of its own',
      () => kernel({ beside: host('restart'), objects: [field('mdev0', 1)] }),
      'Two things are called "mdev0": one of the world that is joined, and one of yours.',
    ],
    [
      'and so has a thread',
      () => kernel({ beside: host('restart'), threads: { vmm0: nothing } }),
      'Two actors would be called "vmm0".\n\n  one      a task called "vmm0", at tasks.vmm0\n  other    a thread called "vmm0", at threads.vmm0 of kernel()',
    ],
    ['a world by itself has threads', () => kernel({ threads: {} }), 'kernel(): there is no thread.'],
    [
      'nobody joins a world that is made by hand',
      () => kernel({ beside: { ...host('restart'), joins: undefined } as never, threads: { a: nothing } }),
      'nothing can join the world "linux"',
    ],
  ]
  test.each(slips)('%s', (_, make, said) => expect(make).toThrow(said))

  test('a view knows what both know, and nothing else', async () => {
    const world = kernel({ beside: host('restart'), threads: { a: nothing } })
    const seen: unknown[] = []
    await explore(world, [
      always('asked', (w) => {
        seen.push(w.vfio.mappings().length, w.threads.length, w.task('a').finished, w.thread('vmm0').finished)
        return true
      }),
    ])
    expect(seen.slice(0, 4)).toEqual([2, 2, false, false])
    await expect(
      explore(world, [
        always('asked', (w) => 'finshed' in w || (w as unknown as { readonly finshed: boolean }).finshed),
      ]),
    ).rejects.toThrow('finshed')
  })
})
