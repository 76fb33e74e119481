/** Runs written by hand, as the checker would hand them over. Only what a step says and changes is written; the rest is derived. */
import type { Finding, Message, Note, Send, Shown } from '../../explore/system.ts'
import type { Trace, TraceStep, WaitEdge } from '../../explore/runs/trace.ts'

interface Told {
  readonly notes?: readonly Note[]
  readonly findings?: readonly Finding[]
  /** The receiver's new data, merged over the old. */
  readonly data?: Readonly<Record<string, unknown>>
  readonly state?: string
}

interface Script extends Told {
  readonly from: string
  readonly to: string
  readonly type: string
  readonly fields?: Readonly<Record<string, unknown>>
}

/** Threads by the names of their calls: `vmm0/unmap` runs for `vmm0`. */
const threadsOf = (ids: readonly string[]): Record<string, string> =>
  Object.fromEntries(ids.flatMap((id) => (/^(vmm|w)\d/.test(id) ? [[id, id.split('/')[0]!]] : [])))

const classes: Readonly<Record<string, string>> = {
  'iommu.lock': 'iommu->lock',
  'device_list.lock': 'iommu->device_list_lock',
  'notifier.rwsem': 'iommu->notifier.rwsem',
}

/** Who held what, by the messages that locks hear. A reader is alone in these stories. */
const locksIn = (steps: readonly TraceStep[]): Trace['locks'] =>
  Object.fromEntries(
    Object.entries(classes).map(([id, lockClass]) => {
      const heard = steps.filter(({ to }) => to === id)
      const held = heard.map(({ number, message: { type, task } }) => ({
        since: number,
        threads: type.startsWith('UN') || type.startsWith('UP_') ? [] : [String(task)],
        exclusive: type === 'LOCK',
      }))
      return [id, { lockClass, acquires: ['LOCK', 'DOWN_READ'], held }]
    }),
  )

export class Recorder {
  readonly initial: Record<string, Shown>
  private readonly now: Record<string, Shown>
  private readonly script: (Script & { before: Shown; after: Shown })[] = []

  constructor(initial: Readonly<Record<string, Shown>>) {
    this.initial = { ...initial }
    this.now = { ...initial }
  }

  step(from: string, to: string, type: string, fields: Script['fields'] = {}, told: Told = {}): this {
    const before = this.now[to] ?? { state: 'idle', data: {} }
    this.initial[to] ??= before
    // A thread's own place moves with every message; that is enough to make its steps count as changes.
    const moved = /^(vmm|w)\d/.test(to) ? { at: this.script.length } : {}
    const after = { state: told.state ?? before.state, data: { ...before.data, ...moved, ...told.data } }
    this.now[to] = after
    this.script.push({ from, to, type, fields, ...told, before, after })
    return this
  }

  lock(call: string, lock: string, type = 'LOCK'): this {
    const held = { state: type === 'DOWN_READ' ? 'read' : 'held', data: { holder: call.split('/')[0] } }
    return this.step(call, lock, type, {}, held).step(lock, call, 'LOCKED')
  }

  unlock(call: string, lock: string, type = 'UNLOCK'): this {
    return this.step(call, lock, type, {}, { state: 'free', data: { holder: null } }).step(lock, call, 'UNLOCKED')
  }

  ask(
    call: string,
    object: string,
    type: string,
    fields: Script['fields'],
    back: string,
    answer: Script['fields'] = {},
    told: Told = {},
  ): this {
    return this.step(call, object, type, fields, told).step(object, call, back, answer)
  }

  trace(system: string, end: Trace['end'], waiting: readonly WaitEdge[] = []): Trace {
    const sentAt = this.script.map(({ from }, i) => this.script.slice(0, i).findLastIndex(({ to }) => to === from) + 1)
    const message = ({ from, type, fields }: Script): Message => ({ type, from, task: from.split('/')[0], ...fields })
    const steps = this.script.map((s, i): TraceStep => ({
      number: i + 1,
      choice: i % 3 === 0 ? 1 : 0,
      from: s.from,
      to: s.to,
      message: message(s),
      sentAt: sentAt[i]!,
      possible: [`${s.from} → ${s.to} ${s.type}`],
      before: s.before,
      after: s.after,
      sends: this.script.flatMap((other, j): Send[] =>
        sentAt[j] === i + 1 ? [{ to: other.to, message: message(other) }] : [],
      ),
      findings: s.findings ?? [],
      notes: s.notes ?? [],
      ignored: false,
    }))
    const threads = threadsOf([...Object.keys(this.initial), ...this.script.flatMap(({ from, to }) => [from, to])])
    const locks = locksIn(steps)
    return { system, fingerprint: '9f3c', initial: this.initial, steps, end, waiting, threads, locks }
  }
}

const range = { iova: 0x1000n, size: 0x2000n }
const dma = { id: 'dma0', gen: 1 }
const world = (): Record<string, Shown> => ({
  'iommu.lock': { state: 'free', data: { holder: null } },
  'notifier.rwsem': { state: 'free', data: { holder: null } },
  type1: { state: 'open', data: { dmas: [] } },
  notifier: { state: 'ready', data: { nbs: ['mdev0'] } },
  mdev0: { state: 'open', data: { pins: [] } },
})
const lived = (what: string): Told['notes'] => [{ object: 'dma0#1', what }]
const dmas = (...pins: unknown[]): Told['data'] => ({ dmas: [{ ...dma, ...range, prot: 'rw', pins }] })

const start = (): Recorder => {
  const r = new Recorder(world())
  // vmm0 maps, w0 pins.
  r.step('env', 'vmm0', 'GO')
    .step('vmm0', 'vmm0/map', 'CALL', { ...range, prot: 'rw', mm: 'mm0' })
    .lock('vmm0/map', 'iommu.lock')
  r.ask(
    'vmm0/map',
    'type1',
    'MAP',
    { ...range, prot: 'rw' },
    'MAPPED',
    { ret: 0 },
    { notes: lived('mapped'), data: dmas() },
  )
  r.unlock('vmm0/map', 'iommu.lock').step('vmm0/map', 'vmm0', 'RETURN', { ret: 0 })
  r.step('env', 'w0', 'GO')
    .step('w0', 'w0/mdev0.pin', 'CALL', { iova: 0x1000n, prot: 'w' })
    .lock('w0/mdev0.pin', 'iommu.lock')
  const pinned = { notes: lived('pinned'), data: dmas({ iova: 0x1000n, count: 1 }) }
  r.ask('w0/mdev0.pin', 'type1', 'PIN', { iova: 0x1000n, prot: 'w', device: 'mdev0' }, 'PINNED', { ret: 1 }, pinned)
  r.unlock('w0/mdev0.pin', 'iommu.lock')
  r.ask('w0/mdev0.pin', 'mdev0', 'RECORD', { iova: 0x1000n }, 'RECORDED', {}, { data: { pins: [0x1000n] } })
  return r.step('w0/mdev0.pin', 'w0', 'RETURN', { ret: 1 })
}

/** One round of unlock, notify, relock by `thread`; the driver unpins. */
const notifyRound = (r: Recorder, thread: string, between: () => void = () => {}): void => {
  const [unmap, notify, callback] = [`${thread}/unmap`, `${thread}/notify`, `${thread}/mdev0.dma_unmap`]
  r.unlock(unmap, 'iommu.lock').step(unmap, notify, 'CALL', { ...range, dma })
  r.lock(notify, 'notifier.rwsem', 'DOWN_READ').ask(notify, 'notifier', 'NEXT', { after: null }, 'NB', { nb: 'mdev0' })
  r.step(notify, callback, 'CALL', { ...range })
  r.ask(callback, 'mdev0', 'PINS_IN', { ...range }, 'PINS', { iovas: [0x1000n] })
  r.lock(callback, 'iommu.lock')
  r.ask(
    callback,
    'type1',
    'UNPIN',
    { iovas: [0x1000n] },
    'UNPINNED',
    { ret: 1 },
    { notes: lived('unpinned'), data: dmas() },
  )
  r.unlock(callback, 'iommu.lock')
  r.ask(callback, 'mdev0', 'FORGET', { iovas: [0x1000n] }, 'FORGOTTEN', {}, { data: { pins: [] } })
  between()
  r.step(callback, notify, 'RETURN', { ret: 0 })
  r.ask(notify, 'notifier', 'NEXT', { after: 'mdev0' }, 'NB', { nb: null })
  r.unlock(notify, 'notifier.rwsem', 'UP_READ').step(notify, unmap, 'RETURN', { ret: 0 })
}

const beginUnmap = (r: Recorder, thread: string, pinned: boolean): void => {
  r.step(thread, `${thread}/unmap`, 'CALL', { ...range, mm: 'mm0' }).lock(`${thread}/unmap`, 'iommu.lock')
  r.ask(`${thread}/unmap`, 'type1', 'FIND', { ...range }, 'FOUND', { dma, ...range, mm: 'mm0', pinned })
}

/** Two unmappers of one pinned mapping: while vmm0 notifies, vmm1 removes what vmm0 still points to. */
export const useAfterFree = (): Trace => {
  const r = start()
  beginUnmap(r, 'vmm0', true)
  r.step('env', 'vmm1', 'GO')
  notifyRound(r, 'vmm0', () => {
    beginUnmap(r, 'vmm1', false)
    r.ask(
      'vmm1/unmap',
      'type1',
      'REMOVE',
      { dma, site: 'vfio_remove_dma' },
      'REMOVED',
      {},
      { notes: lived('freed'), data: { dmas: [] } },
    )
    r.unlock('vmm1/unmap', 'iommu.lock').step('vmm1/unmap', 'vmm1', 'RETURN', { ret: 0, size: 0x2000n })
  })
  r.lock('vmm0/unmap', 'iommu.lock')
  const title = 'use-after-free in vfio_dma_do_unmap'
  r.step(
    'vmm0/unmap',
    'type1',
    'READ',
    { dma, what: 'pinned', site: 'vfio_dma_do_unmap' },
    {
      findings: [
        { kind: 'use-after-free', title, fatal: true, object: 'dma0#1', detail: 'pinned was read through dma0#1' },
      ],
    },
  )
  return r.trace('stale-dma,unmap=per-mapping,tasks=2', 'crashed')
}

/** The driver never unpins: twelve rounds, then BUG_ON. */
export const twelveRounds = (): Trace => {
  const r = start()
  r.step('vmm0', 'vmm0/unmap', 'CALL', { ...range, mm: 'mm0' })
  for (let round = 1; round <= 12; round++) {
    const bug = { kind: 'bug', title: 'kernel BUG in vfio_dma_do_unmap: retries > 10', fatal: true, object: 'dma0#1' }
    r.lock('vmm0/unmap', 'iommu.lock')
    r.step('vmm0/unmap', 'type1', 'FIND', { ...range })
    if (round === 12) r.step('type1', 'vmm0/unmap', 'FOUND', { dma, ...range, pinned: true }, { findings: [bug] })
    else r.step('type1', 'vmm0/unmap', 'FOUND', { dma, ...range, pinned: true })
    if (round === 12) break
    r.unlock('vmm0/unmap', 'iommu.lock').step('vmm0/unmap', 'vmm0/notify', 'CALL', { ...range, dma })
    r.lock('vmm0/notify', 'notifier.rwsem', 'DOWN_READ').ask('vmm0/notify', 'notifier', 'NEXT', { after: null }, 'NB', {
      nb: 'mdev0',
    })
    r.step('vmm0/notify', 'vmm0/mdev0.dma_unmap', 'CALL', { ...range }).step(
      'vmm0/mdev0.dma_unmap',
      'vmm0/notify',
      'RETURN',
      { ret: 0 },
    )
    r.ask('vmm0/notify', 'notifier', 'NEXT', { after: 'mdev0' }, 'NB', { nb: null })
    r.unlock('vmm0/notify', 'notifier.rwsem', 'UP_READ').step('vmm0/notify', 'vmm0/unmap', 'RETURN', { ret: 0 })
  }
  return r.trace('deaf-driver,unmap=restart', 'crashed')
}

/** The two locks of 6.0, taken in both orders by two unmappers. */
export const twoLocks = (): Trace => {
  const r = new Recorder({ ...world(), 'device_list.lock': { state: 'free', data: { holder: null } } })
  r.step('env', 'vmm0', 'GO').step('env', 'vmm1', 'GO')
  beginUnmap(r, 'vmm0', true)
  r.step('vmm0/unmap', 'vmm0/notify', 'CALL', { dma })
    .lock('vmm0/notify', 'device_list.lock')
    .unlock('vmm0/notify', 'iommu.lock')
  r.step('vmm0/notify', 'vmm0/mdev0.dma_unmap', 'CALL', { ...range })
  beginUnmap(r, 'vmm1', true)
  r.step('vmm1/unmap', 'vmm1/notify', 'CALL', { dma })
  const n = r.trace('', 'open').steps.length
  return r.trace('two-locks,unmap=device-list', 'deadlock', [
    { thread: 'vmm0', from: 'vmm0/unpin', at: 'iommu.lock', type: 'LOCK', sentAt: 13, on: ['vmm1'] },
    { thread: 'vmm1', from: 'vmm1/notify', at: 'device_list.lock', type: 'LOCK', sentAt: n, on: ['vmm0'] },
  ])
}
