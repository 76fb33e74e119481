/** What a world has and one's own procedures call: with the right arguments, in the context they are in; and statecharts in its place. */
import { describe, expect, test } from 'vitest'
import { assign, emit, setup } from 'xstate'
import { explore, sometimes, unmap, linux } from '../../index.ts'
import {
  builtIn,
  call,
  kernel,
  preempt_disable,
  preempt_enable,
  procedure,
  send,
  spin_lock,
  spin_unlock,
  spinlock,
  statechart,
  type Heard,
  type Said,
} from '../../kernel/index.ts'

const page = 0x1000
const host = () =>
  linux({
    unmap: 'restart',
    containers: {
      container0: {
        mappings: [
          { iova: page, size: page },
          { iova: 5 * page, size: page },
        ],
        groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [page] } } } },
      },
    },
    tasks: { vmm0: [unmap(page, page)] },
  })

describe('what is called with something that does not fit is told, with the procedure, the call and what was expected', () => {
  const right = { device: 'mdev0', iova: 0x1000n, prot: 'rw' }
  const slips: readonly (readonly [string, object, string])[] = [
    ['pin', { ...right, iova: 0x1000 }, 'with.iova cannot be 4096.'],
    ['pin', { ...right, iova: '0x1000' }, 'with.iova cannot be "0x1000".'],
    ['pin', { ...right, prot: 'rwx' }, 'with.prot cannot be "rwx". Did you mean "rw"?'],
    ['pin', { device: 'mdev0', iova: 0x1000n }, 'with.prot is missing.'],
    ['pin', { ...right, devcie: 'mdev0' }, 'with.devcie is not known. Did you mean "device"?'],
    ['unpin', { device: 'mdev0', iovas: [0x1000] }, 'with.iovas[0] cannot be 4096.'],
    ['unmap', { mm: 'vmm', iova: 0x1000n, size: 0x1000 }, 'with.size cannot be 4096.'],
    ['mdev0.dma_unmap', { iova: 1, size: 0x1000n }, 'with.iova cannot be 1.'],
    ['mdev0.close', { iova: 1 }, 'with.iova cannot be 1.'],
  ]
  test.each(slips)('%s: %o', async (name, args, said) => {
    const calls = procedure('my_work', [call(builtIn(name), { with: () => args })])
    const found = explore(kernel({ beside: host(), threads: { worker: calls } }))
    await expect(found).rejects.toThrow(`Procedure my_work: builtIn('${name}'): ${said}`)
  })
  test('nothing at all as well', async () => {
    const calls = procedure('my_work', [call(builtIn('pin'))])
    const found = explore(kernel({ beside: host(), threads: { worker: calls } }))
    await expect(found).rejects.toThrow("Procedure my_work: builtIn('pin'): with.device is missing.")
  })
})

describe('what a world has may sleep', () => {
  const s = spinlock('s')
  const pins = call(builtIn('pin'), { with: () => ({ device: 'mdev0', iova: 0x5000n, prot: 'rw' }) })
  const titles = async (...steps: Parameters<typeof procedure>[1][]) => {
    const run = procedure('my_work', steps as never)
    const { findings, exhaustive } = await explore(kernel({ beside: host(), threads: { worker: run } }))
    expect(exhaustive).toBe(true)
    return findings.map(({ title }) => title)
  }
  const asleep = 'BUG: sleeping function called from invalid context in my_work: __pin()'
  test('and is not to be called under a spinlock, nor with preemption off', async () => {
    expect(await titles(pins as never)).toEqual([])
    expect(await titles(preempt_disable() as never, pins as never, preempt_enable() as never)).toEqual([asleep])
    expect(await titles(spin_lock(s) as never, pins as never, spin_unlock(s) as never)).toEqual([
      asleep,
      'Invalid wait context: iommu->lock under s',
    ])
  })
})

describe('a statechart of one’s own in the place of a callback', () => {
  interface Call {
    readonly task: string
    readonly caller: string
    readonly iova: bigint
  }
  const chart = setup({
    types: {
      context: {} as Call,
      events: {} as Heard & { readonly type: 'CALL' | 'RETURN'; readonly iova: bigint },
      emitted: {} as Said,
      input: {} as { readonly task: string },
    },
    actions: {
      note: assign({ caller: ({ event }) => event.from, iova: ({ event }) => event.iova }),
      unpin: emit(({ context: { task }, event }) =>
        send(`${task}/__unpin`, 'CALL', { task, device: 'mdev0', iovas: [event.iova] }),
      ),
      back: emit(({ context: { task, caller } }) => send(caller, 'RETURN', { task, ret: 0 })),
      clear: assign({ caller: '', iova: 0n }),
    },
  }).createMachine({
    id: 'my_dma_unmap',
    context: ({ input }) => ({ task: input.task, caller: '', iova: 0n }),
    initial: 'idle',
    states: {
      idle: { on: { CALL: { target: 'unpinning', actions: ['note', 'unpin'] } } },
      unpinning: { on: { RETURN: { target: 'idle', actions: ['back', 'clear'] } } },
    },
  })
  test('is called, calls what the world has, and returns', async () => {
    const mine = statechart('my_dma_unmap', chart, { calls: [builtIn('unpin')] })
    const { findings, exhaustive, properties } = await explore(
      kernel({ beside: host(), instead: { 'mdev0.dma_unmap': mine } }),
      [sometimes('the page is unpinned, and everybody through', (w) => w.finished && w.vfio.pinned(page) === 0)],
    )
    expect([findings, exhaustive, properties[0]!.verdict]).toEqual([[], true, 'seen'])
  })
})
