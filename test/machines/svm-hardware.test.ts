import { describe, expect, test } from 'vitest'
import { kernelWalks } from '../../machines/sva/pasid/kernel-walks.ts'
import { translation } from '../../machines/sva/pasid/translation.ts'
import { slab } from '../../machines/kernel/heap/slab.ts'
import { device } from '../../machines/sva/device/device.ts'
import { pageRequestQueue } from '../../machines/sva/fault/page-request-queue.ts'
import { sendMarker } from '../../machines/sva/device/send-marker.ts'
import { stop } from '../../machines/sva/device/stop.ts'
import { submit } from '../../machines/sva/device/submit.ts'
import { touch } from '../../machines/sva/device/touch.ts'
import { userStop } from '../../machines/sva/device/user-stop.ts'
import { walkKernel } from '../../machines/sva/device/walk-kernel.ts'
import { drive, last } from './drive.ts'
import { feed } from './feed.ts'

const mm0 = { id: 'mm0', gen: 1 }
const mm1 = { id: 'mm1', gen: 1 }
const page = { id: 'ptpage0', gen: 1 }
const pair = { device: 'dev0', pasid: 1 }
const answered = (fields: Readonly<Record<string, unknown>>) => ({ type: 'ANSWER', ...fields })
const done = answered({ ret: 0 })

describe('the IOMMU', () => {
  const translate = { type: 'TRANSLATE', ...pair }
  const enter = { type: 'SET_ENTRY', ...pair, mm: mm0 }
  const clear = { type: 'CLEAR_ENTRY', ...pair }
  const invalidate = { type: 'INVALIDATE', ...pair }
  const faultIn = (mm: object) => ({ type: 'FAULT_IN', mm })
  const zap = (mm: object) => ({ type: 'ZAP', mm })
  const miss = 't1 ANSWER ret=miss mm=mm0#1 unbound=false'
  const hit = 't1 ANSWER ret=hit mm=mm0#1 unbound=false'
  const abort = 't1 ANSWER ret=abort mm=null unbound=false'
  /** What the IOMMU answers to the last of these. */
  const lastSaid = (...heard: Parameters<typeof feed>[2][]) => feed(translation, {}, ...heard).said.at(-1)

  test('aborts what uses a PASID that nothing is entered for', () => {
    expect(lastSaid(translate)).toBe(abort)
    expect(lastSaid(enter, { ...translate, pasid: 2 })).toBe(abort)
    expect(lastSaid(enter, { ...translate, device: 'dev1' })).toBe(abort)
    expect(lastSaid(enter, clear, translate)).toBe(abort)
  })

  test('misses a page that is not in, and finds it once it is', () => {
    expect(lastSaid(enter, translate)).toBe(miss)
    expect(lastSaid(enter, faultIn(mm1), translate)).toBe(miss)
    expect(lastSaid(enter, faultIn(mm0), translate)).toBe(hit)
  })

  test('believes what is cached, whatever the table says by then', () => {
    expect(lastSaid(enter, faultIn(mm0), translate, clear, translate)).toBe(hit)
    expect(lastSaid(enter, faultIn(mm0), translate, { ...enter, mm: mm1 }, translate)).toBe(hit)
  })

  test('caches nothing that missed', () => {
    expect(lastSaid(enter, translate, clear, translate)).toBe(abort)
  })

  test('forgets what is invalidated, of that device and PASID', () => {
    expect(lastSaid(enter, faultIn(mm0), translate, clear, invalidate, translate)).toBe(abort)
    expect(lastSaid(enter, faultIn(mm0), translate, clear, { ...invalidate, pasid: 2 }, translate)).toBe(hit)
  })

  test('forgets what it has cached of page tables that go', () => {
    expect(lastSaid(enter, faultIn(mm0), translate, zap(mm0), translate)).toBe(miss)
    expect(lastSaid(enter, faultIn(mm0), translate, clear, zap(mm1), translate)).toBe(hit)
    expect(lastSaid(enter, faultIn(mm0), translate, clear, zap(mm0), translate)).toBe(abort)
  })

  test('changes nothing when an invalidation times out', () => {
    const run = feed(
      translation,
      { failures: 2 },
      ...[enter, faultIn(mm0), translate, clear, invalidate, translate, invalidate, invalidate, translate],
    )
    expect(run.said.slice(4)).toEqual([
      't1 ANSWER ret=-ETIMEDOUT',
      hit,
      't1 ANSWER ret=-ETIMEDOUT',
      't1 ANSWER ret=0',
      abort,
    ])
  })

  test('has one entry for a PASID of a device, the last', () => {
    const run = feed(translation, {}, { ...enter, device: 'dev1' }, { ...enter, pasid: 2 }, enter, {
      ...enter,
      mm: mm1,
    })
    expect(run.snapshot.context.entries).toEqual([
      { ...pair, mm: mm1 },
      { ...pair, pasid: 2, mm: mm0 },
      { device: 'dev1', pasid: 1, mm: mm0 },
    ])
  })

  test('does not tell who came first', () => {
    const other = { ...enter, pasid: 2, mm: mm1 }
    const [one, two] = [
      feed(translation, {}, enter, faultIn(mm0), other, faultIn(mm1), translate, { ...translate, pasid: 2 }),
      feed(translation, {}, other, faultIn(mm1), enter, faultIn(mm0), { ...translate, pasid: 2 }, translate),
    ]
    expect(one.snapshot.context).toEqual(two.snapshot.context)
  })

  test('remembers which address space was unbound from which device, until it is bound again', () => {
    const unbound = { type: 'UNBOUND', device: 'dev0', mm: mm0 }
    const hitUnbound = 't1 ANSWER ret=hit mm=mm0#1 unbound=true'
    expect(lastSaid(enter, faultIn(mm0), unbound, unbound, translate)).toBe(hitUnbound)
    expect(lastSaid(enter, unbound, translate)).toBe('t1 ANSWER ret=miss mm=mm0#1 unbound=true')
    expect(lastSaid(enter, faultIn(mm0), { ...unbound, device: 'dev1' }, translate)).toBe(hit)
    expect(lastSaid(enter, faultIn(mm0), { ...unbound, mm: mm1 }, translate)).toBe(hit)
    expect(lastSaid(enter, faultIn(mm0), unbound, enter, translate)).toBe(hit)
    expect(lastSaid(enter, faultIn(mm0), unbound, { ...enter, mm: mm1 }, enter, translate)).toBe(hit)
  })

  test('does not take an unbind back when another address space is bound', () => {
    const unbound = { type: 'UNBOUND', device: 'dev0', mm: mm0 }
    const run = feed(translation, {}, enter, faultIn(mm0), translate, unbound, { ...enter, mm: mm1 }, translate)
    expect(run.said.at(-1)).toBe('t1 ANSWER ret=hit mm=mm0#1 unbound=true')
  })

  test('keeps nothing alive that it only remembers', () => {
    const run = feed(translation, {}, faultIn(mm0), { type: 'UNBOUND', device: 'dev0', mm: mm0 })
    expect(run.snapshot.context).toMatchObject({ present: ['mm0#1'], unbound: ['dev0 mm0#1'] })
  })
})

describe('how the IOMMU walks the page tables of the kernel', () => {
  const walk = { type: 'WALK', device: 'dev0' }
  const walked = { type: 'WALKED' }
  const gone = { type: 'SET_PAGE', ptr: null }
  const found = 't1 ANSWER ptr=ptpage0#1'
  const nowhere = 't1 ANSWER ptr=null'
  const ok = 't1 ANSWER ret=0'
  const said = (...heard: Parameters<typeof feed>[2][]) => feed(kernelWalks, { page }, ...heard).said
  const after = (...heard: Parameters<ReturnType<typeof drive>['hear']>[0][]) => {
    const driven = drive(kernelWalks, { page })
    for (const each of heard) driven.hear(each)
    return driven
  }

  test('what it found is kept, though the page is gone from the tables', () => {
    expect(said('PAGE', walk, walked, gone, 'PAGE', walk)).toEqual([found, found, ok, ok, nowhere, found])
  })

  test('each device has a walk cache of its own', () => {
    const other = { ...walk, device: 'dev1' }
    expect(said(walk, walked, gone, other).at(-1)).toBe(nowhere)
    expect(said(walk, walked, other, walked, gone, walk, other).slice(-2)).toEqual([found, found])
  })

  test('a flush leaves nothing in the walk caches', () => {
    const other = { ...walk, device: 'dev1' }
    expect(said(walk, walked, other, walked, gone, 'FLUSH', walk, other).slice(-3)).toEqual([ok, nowhere, nowhere])
    expect(feed(kernelWalks, { page }, walk, walked, 'FLUSH').atRest).toBe(true)
  })

  test('nothing is kept of a walk that came nowhere', () => {
    const run = feed(kernelWalks, { page: null }, walk, walked, { type: 'SET_PAGE', ptr: page }, walk)
    expect(run.said).toEqual([nowhere, ok, ok, found])
  })

  test('who flushes waits until no walk is under way', () => {
    expect(after().defers('FLUSH')).toBe(false)
    expect(after(walk).defers('FLUSH')).toBe(true)
    expect(after(walk, walk, walked).defers('FLUSH')).toBe(true)
    expect(after(walk, walk, walked, walked).defers('FLUSH')).toBe(false)
    expect(after(walk, walked).state).toBe('quiet')
  })

  test('the tables change while a walk is under way', () => {
    expect(said(walk, 'PAGE', gone, 'PAGE', { ...walk, device: 'dev1' }, walked, walked)).toEqual([
      ...[found, found, ok, nowhere, nowhere],
      ...[ok, ok],
    ])
  })
})

describe('the page request queue', () => {
  const input = { handler: 'prq.thread/handle', depth: 2, mendsOverflow: true }
  const request = (prgi: number, isLast = true) => ({ type: 'REQUEST', ...pair, prgi, last: isLast, meant: mm0 })
  const marker = { type: 'MARKER', ...pair, meant: null }
  const entry = (prgi: number, isLast = true) => ({ kind: 'request', ...pair, prgi, last: isLast, meant: mm0 })
  const take = { type: 'TAKE' }
  const finished = { type: 'DONE' }

  test('hands out what came, in the order in which it came', () => {
    const queue = drive(pageRequestQueue, input)
    expect(queue.defers('TAKE')).toBe(true)
    queue.hear(request(0, false))
    queue.hear(marker)
    expect(queue.defers('TAKE')).toBe(false)
    expect(last(queue.hear(take))).toEqual({
      type: 'WORK',
      task: 't1',
      work: { call: 'prq.thread/handle', args: entry(0, false) },
    })
    expect(last(queue.hear(finished))).toEqual({ type: 'ANSWER', task: 't1', ret: 0 })
    expect(last(queue.hear(take))).toMatchObject({ work: { args: { kind: 'marker', ...pair, meant: null } } })
    expect(queue.state).toBe('handed out')
    queue.hear(finished)
    expect(queue.state).toBe('empty')
  })

  test('takes more in while an entry is handled', () => {
    const run = feed(pageRequestQueue, input, request(0), take, request(1), marker, finished)
    expect(run.said.slice(2)).toEqual(['t1 ANSWER ret=queued', 't1 ANSWER ret=queued', 't1 ANSWER ret=0'])
    expect(run.snapshot.value).toBe('loaded')
  })

  test('is drained once nothing is queued or handled', () => {
    const queue = drive(pageRequestQueue, input)
    const drain = () => queue.defers('DRAIN')
    expect(last(queue.hear({ type: 'DRAIN' }))).toMatchObject({ ret: 0 })
    queue.hear(request(0))
    expect(drain()).toBe(true)
    queue.hear(take)
    expect(drain()).toBe(true)
    queue.hear(finished)
    expect(drain()).toBe(false)
    queue.hear(marker)
    expect(drain()).toBe(true)
  })

  test('loses what it has no room for', () => {
    const run = feed(pageRequestQueue, { ...input, mendsOverflow: false }, request(0), marker, request(1), marker)
    expect(run.said).toEqual([
      't1 ANSWER ret=queued',
      't1 ANSWER ret=queued',
      '~ dev0 page request of PASID 1 lost',
      't1 ANSWER ret=overflow',
      '~ dev0 stop marker of PASID 1 lost',
      't1 ANSWER ret=overflow',
    ])
    expect(run.snapshot.context.list).toEqual([entry(0), { kind: 'marker', ...pair, meant: null }])
  })

  test('has room again for who comes later, unless the overflow is to be mended', () => {
    const story = [request(0), request(1), request(2), take, request(3)]
    const [plain, mended] = [false, true].map((mendsOverflow) =>
      feed(pageRequestQueue, { ...input, mendsOverflow }, ...story),
    )
    expect(plain!.said.at(-1)).toBe('t1 ANSWER ret=queued')
    expect(mended!.said.at(-1)).toBe('t1 ANSWER ret=overflow')
    expect(plain!.snapshot.context.list).toEqual([entry(1), entry(3)])
    expect(mended!.snapshot.context.list).toEqual([entry(1), { kind: 'overflow' }])
  })

  test('says once that it overflowed, behind what it did not lose', () => {
    const queue = drive(pageRequestQueue, { ...input, depth: 1 })
    for (const each of [request(0), request(1), request(2), take]) queue.hear(each)
    expect(queue.context.list).toEqual([{ kind: 'overflow' }])
    for (const each of [marker, finished]) queue.hear(each)
    expect(queue.context.list).toEqual([{ kind: 'overflow' }])
    expect(last(queue.hear(take))).toMatchObject({ work: { args: { kind: 'overflow' } } })
    expect(queue.state).toBe('mending')
    expect(queue.defers('DRAIN')).toBe(true)
    queue.hear(finished)
    expect(queue.state).toBe('empty')
    expect(last(queue.hear(request(0)))).toMatchObject({ ret: 'queued' })
  })

  test('says it again of what was lost while it was mended: no marker comes behind that', () => {
    const queue = drive(pageRequestQueue, { ...input, depth: 1 })
    for (const each of [request(0), request(1), take, finished, take]) queue.hear(each)
    expect(last(queue.hear(marker))).toMatchObject({ ret: 'overflow' })
    expect(last(queue.hear(request(2)))).toMatchObject({ ret: 'overflow' })
    expect(queue.context.list).toEqual([{ kind: 'overflow' }])
    queue.hear(finished)
    expect(queue.state).toBe('loaded')
  })
})

describe('a device', () => {
  const input = { device: 'dev0', calls: { touch: 'e/touch', marker: 'e/marker', walk: 'e/walk' } }
  const give = { type: 'SUBMIT', pasid: 1, mm: mm0 }
  const take = { type: 'TAKE' }
  const finished = { type: 'DONE' }
  const sent = (prgi: number, pasid = 1) => ({ type: 'SENT', pasid, prgi })
  const response = (prgi: number, ret = 'success') => ({ type: 'RESPONSE', pasid: 1, prgi, ret, meant: mm0, by: mm1 })
  const item = { kind: 'touch', pasid: 1, mm: mm0, pages: 1, retry: false }
  const marker = { kind: 'marker', pasid: 1, mm: null, pages: 1, retry: false }
  const tellStop = { type: 'STOP', pasid: 1 }
  /** One that has heard all this. */
  const after = (...heard: Parameters<ReturnType<typeof drive>['hear']>[0][]) => {
    const driven = drive(device, input)
    for (const each of heard) driven.hear(each)
    return driven
  }
  /** A group is under way, and nothing else. */
  const underWay = [give, take, sent(0), finished]

  test('has nothing to do at first', () => {
    const quiet = after()
    expect([quiet.state, quiet.defers('TAKE'), quiet.defers('STOP'), quiet.defers('STOP_CLEAN')]).toEqual([
      'quiet',
      true,
      false,
      false,
    ])
  })

  test('does one thing after the other', () => {
    const busy = after(give, { ...give, pages: 2, mm: mm1 }, { ...give, kernel: true })
    expect(last(busy.hear(take))).toEqual({
      type: 'WORK',
      task: 't1',
      work: { call: 'e/touch', args: { ...item, device: 'dev0', prgi: 0 } },
    })
    expect(busy.state).toBe('working')
    expect(last(busy.hear(finished))).toEqual({ type: 'ANSWER', task: 't1', ret: 0 })
    expect(last(busy.hear(take))).toMatchObject({ work: { call: 'e/touch', args: { mm: mm1, pages: 2 } } })
    busy.hear(finished)
    expect(last(busy.hear(take))).toMatchObject({ work: { call: 'e/walk', args: { kind: 'walk', mm: mm0 } } })
    busy.hear(finished)
    expect(busy.state).toBe('quiet')
    expect(busy.context).toEqual(after().context)
  })

  test('is given more while it works', () => {
    expect(after(give, take, give, finished).state).toBe('ready')
    expect(after(...underWay, give).state).toBe('ready')
  })

  test('waits for the response of a group that is under way', () => {
    const waiting = after(...underWay)
    expect(waiting.state).toBe('waiting')
    expect(waiting.defers('TAKE')).toBe(true)
    expect(waiting.context.out).toBeNull()
  })

  test('tries again after a response of success, and not after another', () => {
    const again = after(...underWay, response(0))
    expect(again.state).toBe('ready')
    expect(again.context.queue).toEqual([{ ...item, retry: true }])
    for (const ret of ['invalid', 'failure']) expect(after(...underWay, response(0, ret)).state).toBe('quiet')
  })

  test('keeps which address space served which', () => {
    expect(after(...underWay, response(0)).context.served).toEqual([{ meant: 'mm0#1', by: 'mm1#1' }])
    expect(after(...underWay, { ...response(0), meant: null }).context.served).toEqual([{ meant: null, by: 'mm1#1' }])
    expect(after(...underWay, { ...response(0, 'failure'), by: null }).context.served).toEqual([])
  })

  test('may hear the response before it is done with the request', () => {
    const early = after(give, take, sent(0), response(0))
    expect(early.state).toBe('working')
    early.hear(finished)
    expect(early.state).toBe('ready')
  })

  test('takes the response of one group while it does another thing', () => {
    const ready = after(...underWay, { ...give, mm: mm1 }, response(0))
    expect(ready.context.queue).toMatchObject([{ mm: mm1 }, { mm: mm0, retry: true }])
  })

  test('numbers groups by what is not under way', () => {
    const two = after(...underWay, give)
    expect(last(two.hear(take))).toMatchObject({ work: { args: { prgi: 1 } } })
    for (const each of [sent(1), finished, response(0, 'invalid'), give]) two.hear(each)
    expect(last(two.hear(take))).toMatchObject({ work: { args: { prgi: 0 } } })
    for (const each of [sent(0), finished]) two.hear(each)
    expect(two.context.groups).toMatchObject([{ prgi: 0 }, { prgi: 1 }])
    two.hear(response(0, 'invalid'))
    expect(two.state).toBe('waiting')
  })

  test('complains of a response that it does not wait for', () => {
    const title = { type: 'finding', kind: 'warn', title: 'page response that nobody waits for', object: 'dev0' }
    const stories = [[], [give], [give, take], underWay]
    for (const story of stories) {
      const odd = after(...story)
      expect(odd.hear(response(7))[0]).toMatchObject({ ...title, detail: 'group 7 of PASID 1', fatal: false })
      expect(odd.context.served).toHaveLength(1)
    }
    const foreign = after(...underWay)
    expect(foreign.hear({ ...response(0), pasid: 2 })[0]).toMatchObject(title)
    expect(foreign.state).toBe('waiting')
  })

  test('keeps and tells what became of accesses', () => {
    const hit = { ret: 'hit', pasid: 1, meant: 'mm0#1', mm: 'mm1#1', unbound: false }
    const abort = { ret: 'abort', pasid: 1, meant: 'mm0#1', mm: null, unbound: false }
    const run = feed(device, input, give, take, { type: 'RECORD', access: hit }, { type: 'RECORD', access: abort })
    expect(run.said.slice(2)).toEqual([
      '~ dev0 PASID 1: hit of mm1#1, mm0#1 meant',
      't1 ANSWER ret=0',
      '~ dev0 PASID 1: abort, mm0#1 meant',
      't1 ANSWER ret=0',
    ])
    expect(run.snapshot.context.accesses).toEqual([hit, abort])
  })

  test('told to stop drops what is queued of the PASID, and will send a marker', () => {
    const other = { ...give, pasid: 2, mm: mm1 }
    const stopped = after(give, other, { ...give, kernel: true })
    expect(last(stopped.hear(tellStop))).toEqual({ type: 'ANSWER', task: 't1', ret: 'flushed' })
    expect(stopped.context.queue).toEqual([{ ...item, pasid: 2, mm: mm1 }, marker])
    for (const each of [take, finished]) stopped.hear(each)
    expect(last(stopped.hear(take))).toMatchObject({ work: { call: 'e/marker', args: { device: 'dev0', ...marker } } })
  })

  test('told again after it got more work stops that as well, and its marker comes behind it', () => {
    expect(after(tellStop).state).toBe('ready')
    const twice = after(give, tellStop, give)
    expect(last(twice.hear(tellStop))).toMatchObject({ ret: 'flushed' })
    expect(twice.context.queue.filter(({ kind }: { kind: string }) => kind === 'touch')).toEqual([])
    expect(twice.context.queue.at(-1)).toEqual(marker)
    const later = after(tellStop, take, finished, give)
    expect(last(later.hear(tellStop))).toMatchObject({ ret: 'flushed' })
    expect(later.context.queue).toEqual([marker])
  })

  test('told again without more work sends no second marker: it is flushed while the first is queued, clean then', () => {
    for (const start of [[], [give], underWay]) {
      const stopped = after(...start, tellStop)
      expect(last(stopped.hear(tellStop))).toEqual({ type: 'ANSWER', task: 't1', ret: 'flushed' })
      expect(stopped.context.queue).toEqual([marker])
    }
    const left = after(tellStop, take, finished)
    expect(left.state).toBe('quiet')
    expect(last(left.hear(tellStop))).toEqual({ type: 'ANSWER', task: 't1', ret: 'clean' })
    expect([left.state, left.context.queue]).toEqual(['quiet', []])
    const busy = after(tellStop, take, finished, { ...give, pasid: 2 })
    expect(last(busy.hear(tellStop))).toMatchObject({ ret: 'clean' })
    expect(busy.context.queue).toEqual([{ ...item, pasid: 2 }])
  })

  test('told again is not clean while a page request of that PASID is under way: its marker comes behind it', () => {
    const asked = after(...underWay, tellStop, take, finished)
    expect(asked.state).toBe('waiting')
    expect(last(asked.hear(tellStop))).toEqual({ type: 'ANSWER', task: 't1', ret: 'flushed' })
    expect(asked.context.queue).toEqual([])
    asked.hear(response(0))
    expect(last(asked.hear(tellStop))).toEqual({ type: 'ANSWER', task: 't1', ret: 'clean' })
    const others = after(give, take, sent(0), finished, { ...tellStop, pasid: 2 }, take, finished)
    expect(last(others.hear({ ...tellStop, pasid: 2 }))).toEqual({ type: 'ANSWER', task: 't1', ret: 'clean' })
  })

  test('told to stop another PASID sends a marker for that', () => {
    const both = after(tellStop, { ...tellStop, pasid: 2 })
    expect(both.context.queue).toEqual([marker, { ...marker, pasid: 2 }])
    const later = after(tellStop, take, finished)
    expect(last(later.hear({ ...tellStop, pasid: 2 }))).toMatchObject({ ret: 'flushed' })
  })

  test('knows whose use of the PASID its marker ends, if that is said', () => {
    expect(after({ ...tellStop, mm: mm1 }).context.queue).toEqual([{ ...marker, mm: mm1 }])
  })

  test('told to stop never tries again what is under way, not even once the PASID is used again', () => {
    const stopped = after(...underWay, tellStop, give)
    expect(stopped.state).toBe('ready')
    stopped.hear(response(0))
    expect(stopped.context.queue).toEqual([marker, item])
    expect(stopped.context.groups).toEqual([])
  })

  test('told to stop one PASID goes on with another', () => {
    const running = after(...underWay, { ...tellStop, pasid: 2 }, response(0))
    expect(running.context.queue).toMatchObject([
      { kind: 'marker', pasid: 2 },
      { pasid: 1, retry: true },
    ])
  })

  test('does not say that it stopped while it works', () => {
    expect(after(give, take).defers('STOP')).toBe(true)
    for (const story of [[], [give], underWay]) expect(after(...story).defers('STOP')).toBe(false)
  })

  test('is clean once nothing is queued, handed out or under way', () => {
    for (const story of [[give], [give, take], underWay]) expect(after(...story).defers('STOP_CLEAN')).toBe(true)
    const clean = after(...underWay, response(0, 'invalid'))
    expect(clean.defers('STOP_CLEAN')).toBe(false)
    expect(last(clean.hear({ type: 'STOP_CLEAN', pasid: 1 }))).toEqual({ type: 'ANSWER', task: 't1', ret: 'clean' })
    expect(clean.state).toBe('quiet')
  })
})

describe('a touch', () => {
  const input = { task: 't1', at: { translation: 'iommu', device: 'dev0', queue: 'prq' } }
  const call = { type: 'CALL', kind: 'touch', ...pair, mm: mm0, prgi: 3, pages: 1, retry: false }
  const miss = answered({ ret: 'miss', mm: mm1, unbound: false })
  const queued = answered({ ret: 'queued' })
  const overflow = answered({ ret: 'overflow' })
  const sending = ['iommu TRANSLATE device=dev0 pasid=1', 'dev0 SENT pasid=1 prgi=3']

  /** What is recorded when the IOMMU answers so. */
  const recorded = (answer: object, more: object = {}) => {
    const driven = drive(touch, input)
    driven.hear({ ...call, ...more })
    const access = last(driven.hear({ type: 'ANSWER', ...answer }))
    expect(last(driven.hear(done))).toEqual({ type: 'RETURN', task: 't1', ret: 0 })
    return access
  }
  const nobody = { pasid: 1, meant: 'mm0#1', mm: null, unbound: false }

  test('that reaches an address space says whose it is', () => {
    expect(recorded({ ret: 'hit', mm: mm1, unbound: true })).toEqual({
      type: 'RECORD',
      task: 't1',
      access: { ...nobody, ret: 'hit', mm: 'mm1#1', unbound: true },
    })
  })

  test('that reaches nothing is aborted', () => {
    expect(recorded({ ret: 'abort', mm: null, unbound: false })).toMatchObject({ access: { ...nobody, ret: 'abort' } })
  })

  test('asks for what is not in, and is over with that', () => {
    const run = feed(touch, input, call, miss, done, queued)
    expect(run.said).toEqual([
      ...sending,
      'prq REQUEST device=dev0 pasid=1 prgi=3 last=true meant=mm1#1',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('of two pages asks for both in one group', () => {
    const run = feed(touch, input, { ...call, pages: 2 }, miss, done, queued, queued)
    expect(run.said.slice(2)).toEqual([
      'prq REQUEST device=dev0 pasid=1 prgi=3 last=false meant=mm1#1',
      'prq REQUEST device=dev0 pasid=1 prgi=3 last=true meant=mm1#1',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('that was answered and still finds nothing has failed', () => {
    expect(recorded({ ret: 'miss', mm: mm1, unbound: false }, { retry: true })).toMatchObject({
      type: 'RECORD',
      access: { ...nobody, ret: 'failure' },
    })
    expect(recorded({ ret: 'hit', mm: mm0, unbound: false }, { retry: true })).toMatchObject({ access: { ret: 'hit' } })
  })

  const failed = [
    'dev0 RESPONSE pasid=1 prgi=3 ret=failure meant=mm1#1 by=null',
    'dev0 RECORD access=[object Object]',
    't1 RETURN ret=0',
  ]

  test('whose request was lost is answered by the IOMMU', () => {
    const run = feed(touch, input, call, miss, done, overflow, done, done)
    expect(run.said.slice(3)).toEqual(failed)
    expect(run.atRest).toBe(true)
    const driven = drive(touch, input)
    for (const each of [call, miss, done, overflow]) driven.hear(each)
    expect(last(driven.hear(done))).toMatchObject({ access: { ...nobody, ret: 'overflow' } })
  })

  test('that lost either of two requests is over', () => {
    const two = { ...call, pages: 2 }
    const first = feed(touch, input, two, miss, done, overflow, done, done)
    expect(first.said.filter((line) => line.startsWith('prq'))).toHaveLength(1)
    expect(first.said.slice(-3)).toEqual(failed)
    const second = feed(touch, input, two, miss, done, queued, overflow, done, done)
    expect(second.said.filter((line) => line.startsWith('prq'))).toHaveLength(2)
    expect(second.said.slice(-3)).toEqual(failed)
    expect([first.atRest, second.atRest]).toEqual([true, true])
  })
})

test('a stop marker goes the way of page requests, and nobody learns whether it was lost', () => {
  const call = { type: 'CALL', kind: 'marker', ...pair, prgi: 0, pages: 1, retry: false }
  for (const ret of ['queued', 'overflow']) {
    const run = feed(sendMarker, { task: 't1', at: { queue: 'prq' } }, { ...call, mm: mm0 }, answered({ ret }))
    expect(run.said).toEqual(['prq MARKER device=dev0 pasid=1 meant=mm0#1', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  }
  const nobodys = feed(sendMarker, { task: 't1', at: { queue: 'prq' } }, { ...call, mm: null })
  expect(nobodys.said).toEqual(['prq MARKER device=dev0 pasid=1 meant=null'])
})

describe('a walk to an address of the kernel', () => {
  const input = { task: 't1', at: { walks: 'walks', device: 'dev0', ptpages: 'ptpage' } }
  const call = { type: 'CALL', kind: 'walk', ...pair, mm: mm0, prgi: 0, pages: 1, retry: false }
  const access = { pasid: 1, meant: 'mm0#1', mm: null, unbound: false }

  const over = ['walks WALKED', 'dev0 RECORD access=[object Object]', 't1 RETURN ret=0']

  test('that gets nowhere is aborted', () => {
    const run = feed(walkKernel, input, call, answered({ ptr: null }), done, done)
    expect(run.said).toEqual(['walks WALK device=dev0', ...over])
    expect(run.atRest).toBe(true)
    const driven = drive(walkKernel, input)
    for (const each of [call, answered({ ptr: null })]) driven.hear(each)
    expect(last(driven.hear(done))).toMatchObject({ access: { ...access, ret: 'abort' } })
  })

  test('reads the page tables before it is denied, and is under way until it has', () => {
    const run = feed(walkKernel, input, call, answered({ ptr: page }), answered({ fields: {} }), done, done)
    expect(run.said.slice(1)).toEqual(['ptpage USE ptr=ptpage0#1 site=iommu page walk', ...over])
    expect(run.atRest).toBe(true)
    const driven = drive(walkKernel, input)
    for (const each of [call, answered({ ptr: page }), answered({ fields: {} })]) driven.hear(each)
    expect(last(driven.hear(done))).toMatchObject({ access: { ...access, ret: 'denied' } })
  })

  test('by what a walk cache kept of a page that was freed is a use after free', () => {
    const pages = drive(slab, { name: 'ptpage', objects: [{}] })
    pages.hear({ type: 'FREE', ptr: page, site: 'pagetable_free_kernel' })
    const walk = drive(walkKernel, input)
    walk.hear(call)
    const use = last(walk.hear(answered({ ptr: page }))) as { readonly type: string }
    expect(JSON.stringify(pages.hear(use))).toContain('iommu page walk')
  })
})

describe('a device that is told to stop', () => {
  const input = (answers: string) => ({ task: 't1', answers, at: { device: 'dev0' } })
  const call = { type: 'CALL', pasid: 1 }

  test('sends a marker, or waits until it is clean', () => {
    const flushed = feed(stop, input('flushed'), { ...call, mm: mm0 }, answered({ ret: 'flushed' }))
    expect(flushed.said).toEqual(['dev0 STOP pasid=1 mm=mm0#1', 't1 RETURN ret=flushed'])
    const nobodys = feed(stop, input('flushed'), call, answered({ ret: 'clean' }))
    expect(nobodys.said).toEqual(['dev0 STOP pasid=1 mm=null', 't1 RETURN ret=clean'])
    const clean = feed(stop, input('clean'), call, answered({ ret: 'clean' }))
    expect(clean.said).toEqual(['dev0 STOP_CLEAN pasid=1', 't1 RETURN ret=clean'])
    expect([flushed.atRest, clean.atRest]).toEqual([true, true])
  })

  test('leaves it unknown if nobody knows how to tell it', () => {
    const run = feed(stop, input('silent'), call)
    expect(run.said).toEqual(['t1 RETURN ret=unknown'])
    expect(run.atRest).toBe(true)
  })

  test('has nothing to do for who has no PASID', () => {
    for (const answers of ['flushed', 'clean', 'silent'])
      expect(feed(stop, input(answers), { ...call, pasid: null }).said).toEqual(['t1 RETURN ret=nothing bound'])
  })
})

describe('a user', () => {
  const processes = { vmm: 'vmm', other: 'other' }
  const current = answered({ mm: mm0, pasid: 1 })

  test('tells the device to stop the PASID of his process', () => {
    const input = { task: 't1', device: 'dev0', at: { processes, stop: 't1/dev0.invalidate_pasid' } }
    const run = feed(userStop, input, { type: 'CALL', process: 'other' }, current, { type: 'RETURN', ret: 'flushed' })
    expect(run.said).toEqual([
      'other CURRENT device=dev0',
      't1/dev0.invalidate_pasid CALL pasid=1 mm=mm0#1',
      't1 RETURN ret=flushed',
    ])
    expect(run.atRest).toBe(true)
  })

  const input = { task: 't1', device: 'dev0', at: { device: 'dev0', processes } }
  const call = { type: 'CALL', process: 'vmm' }

  test('gives the device something to do with the PASID of his process', () => {
    const run = feed(submit, input, call, current, done)
    expect(run.said).toEqual([
      'vmm CURRENT device=dev0',
      'dev0 SUBMIT pasid=1 mm=mm0#1 pages=1 kernel=false',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
    const more = feed(submit, input, { ...call, pages: 2, kernel: true }, current)
    expect(more.said.at(-1)).toBe('dev0 SUBMIT pasid=1 mm=mm0#1 pages=2 kernel=true')
  })

  test('that has no PASID, or no memory any more, gives it nothing', () => {
    for (const none of [answered({ mm: mm0, pasid: null }), answered({ mm: null, pasid: 1 })]) {
      const run = feed(submit, input, call, none)
      expect(run.said.slice(1)).toEqual(['t1 RETURN ret=nothing bound'])
      expect(run.atRest).toBe(true)
    }
  })
})
