import { describe, expect, test } from 'vitest'
import { slab } from '../../machines/kernel/heap/slab.ts'
import { svmExec } from '../../machines/mm/life/exec.ts'
import { svmExit } from '../../machines/mm/life/exit.ts'
import { mmdrop } from '../../machines/mm/life/mmdrop.ts'
import { mmput } from '../../machines/mm/life/mmput.ts'
import { svmProcess } from '../../machines/mm/life/process.ts'
import { vfree } from '../../machines/mm/vfree.ts'
import { drive, last, type Message } from './drive.ts'
import { feed } from './feed.ts'

const mm = { id: 'mm0', gen: 1 }
const iommuMm = { id: 'iommu_mm0', gen: 1 }
const answer = (fields: object = {}) => ({ type: 'ANSWER', ret: 0, ...fields })
const has = (fields: object) => ({ type: 'ANSWER', fields })
const value = (n: number) => ({ type: 'ANSWER', value: n })
const returned = { type: 'RETURN', ret: 0 }
const ok = 't1 ANSWER ret=0'

describe('a process', () => {
  const input = { id: 'vmm', mm }
  const current = { type: 'CURRENT', device: 'dev0' }
  const bound = (device: string, pasid: number) => ({ type: 'PASID', device, pasid })
  const exec = { type: 'EXEC', mm: { id: 'mm1', gen: 1 } }

  test('knows the PASID it was given for each device, until it unbinds', () => {
    const run = feed(svmProcess, input, current, bound('dev1', 2), bound('dev0', 1), current, {
      ...{ type: 'FORGET', device: 'dev0' },
    })
    expect(run.said).toEqual([...['t1 ANSWER mm=mm0#1 pasid=null', ok, ok], ...['t1 ANSWER mm=mm0#1 pasid=1', ok]])
    expect(run.snapshot.context.pasids).toEqual({ dev1: 2 })
  })

  test('is the same in whatever order it was bound', () => {
    const one = feed(svmProcess, input, bound('dev0', 1), bound('dev1', 2)).snapshot.context
    const other = feed(svmProcess, input, bound('dev1', 2), bound('dev0', 1)).snapshot.context
    expect(JSON.stringify(one)).toBe(JSON.stringify(other))
  })

  test('has an address space without being asked for a device', () => {
    expect(feed(svmProcess, input, bound('dev0', 1), 'CURRENT').said.at(-1)).toBe('t1 ANSWER mm=mm0#1 pasid=null')
  })

  test('that ends gives up its address space and what was in it, once', () => {
    const run = feed(svmProcess, input, bound('dev0', 1), 'EXIT', current, 'EXIT', exec, current)
    expect(run.said.slice(1)).toEqual([
      ...['~ vmm exits', 't1 ANSWER mm=mm0#1'],
      ...['t1 ANSWER mm=null pasid=null', 't1 ANSWER mm=null', 't1 ANSWER mm=null', 't1 ANSWER mm=null pasid=null'],
    ])
  })

  test('that is over learns nothing any more', () => {
    const run = feed(svmProcess, input, 'EXIT', bound('dev0', 1), { type: 'FORGET', device: 'dev0' })
    expect(run.said.slice(2)).toEqual([ok, ok])
    expect(run.snapshot.context).toEqual({ id: 'vmm', mm: null, pasids: {} })
  })

  test('that executes another program has another address space, and PASIDs no more', () => {
    const run = feed(svmProcess, input, bound('dev0', 1), exec, current)
    expect(run.said.slice(1)).toEqual([
      ...['~ vmm executes a new program in mm1#1', 't1 ANSWER mm=mm0#1'],
      't1 ANSWER mm=mm1#1 pasid=null',
    ])
  })
})

describe('mmput', () => {
  const at = { mms: 'mms', translation: 'iommu', release: 't1.release', mmdrop: 't1.mmdrop' }
  const sva = { ...at, iommuMms: 'iommu_mms', pasids: { 1: 'pasid1' } }
  const input = (pasidFreedAt: string, at: object) => ({ task: 't1', form: { pasidFreedAt }, at })
  const call = { type: 'CALL', mm }
  const put = 'mms ADD ptr=mm0#1 site=mmput field=users by=-1'
  const over = ['t1.release CALL mm=mm0#1', 'iommu ZAP mm=mm0#1']
  const dropped = ['t1.mmdrop CALL mm=mm0#1', 't1 RETURN ret=0']

  test('leaves an address space alone that has other users', () => {
    const run = feed(mmput, input('mmput', sva), call, value(1))
    expect(run.said).toEqual([put, 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('of one whose count is broken already is not the last', () => {
    expect(feed(mmput, input('mmput', sva), call, value(-(2 ** 30))).said).toEqual([put, 't1 RETURN ret=0'])
  })

  test('by the last user tells the devices before the page tables go', () => {
    const run = feed(mmput, input('mmdrop', sva), call, value(0), returned, answer(), returned)
    expect(run.said).toEqual([put, ...over, ...dropped])
    expect(run.atRest).toBe(true)
  })

  test('has nobody to tell where nobody registered', () => {
    const { release: _, ...alone } = at
    const run = feed(mmput, input('mmdrop', alone), call, value(0), answer(), returned)
    expect(run.said).toEqual([put, 'iommu ZAP mm=mm0#1', ...dropped])
    expect(run.atRest).toBe(true)
  })

  test('gave the PASID back up to 5.17, whoever still uses it (B-55)', () => {
    const heard = [call, value(0), returned, answer(), has({ iommuMm }), has({ pasid: 1 }), answer(), returned]
    const run = feed(mmput, input('mmput', sva), ...heard)
    expect(run.said).toEqual([
      ...[put, ...over],
      'mms USE ptr=mm0#1 site=__mmput',
      'iommu_mms USE ptr=iommu_mm0#1 site=mm_pasid_drop',
      'pasid1 FREE',
      ...dropped,
    ])
    expect(run.atRest).toBe(true)
  })

  test('has no PASID to give back of an address space that never had one', () => {
    const run = feed(mmput, input('mmput', sva), call, value(0), returned, answer(), has({ iommuMm: null }), returned)
    expect(run.said).toEqual([put, ...over, 'mms USE ptr=mm0#1 site=__mmput', ...dropped])
    expect(run.atRest).toBe(true)
  })

  describe('by somebody who cannot wait', () => {
    const later = input('mmput', { ...sva, events: 'events', worker: 'kworker/mmput' })

    test('of one that has other users is as any other', () => {
      const run = feed(mmput, later, call, value(1))
      expect(run.said).toEqual([put, 't1 RETURN ret=0'])
      expect(run.atRest).toBe(true)
    })

    test('counts down at once, and leaves what the last one has to do to a kworker', () => {
      const run = feed(mmput, later, call, value(0), { type: 'QUEUED', queued: true })
      expect(run.said).toEqual([put, 'events QUEUE work=[object Object]', 't1 RETURN ret=0'])
      expect(run.atRest).toBe(true)
      const driven = drive(mmput, later)
      driven.hear(call)
      expect(last(driven.hear(value(0)))).toMatchObject({
        type: 'QUEUE',
        work: { call: 'kworker/mmput', args: { mm, last: true } },
      })
    })

    test('is ended by the kworker, which does not count down again', () => {
      const worker = input('mmdrop', sva)
      const run = feed(mmput, worker, { ...call, last: true }, returned, answer(), returned)
      expect(run.said).toEqual([...over, ...dropped])
      expect(run.atRest).toBe(true)
    })
  })

  test('knows nothing of PASIDs where the IOMMU core keeps them', () => {
    const run = feed(mmput, input('mmput', at), call, value(0), returned, answer(), returned)
    expect(run.said).toEqual([put, ...over, ...dropped])
  })
})

describe('mmdrop', () => {
  const at = { mms: 'mms' }
  const sva = { mms: 'mms', iommuMms: 'iommu_mms', pasids: { 1: 'pasid1' } }
  const input = (pasidFreedAt: string, at: object) => ({ task: 't1', form: { pasidFreedAt }, at })
  const call = { type: 'CALL', mm }
  const drop = 'mms ADD ptr=mm0#1 site=mmdrop field=count by=-1'
  const look = 'mms USE ptr=mm0#1 site=__mmdrop'
  const freed = ['mms FREE ptr=mm0#1 site=__mmdrop', 't1 RETURN ret=0']
  const iommuMmFreed = 'iommu_mms FREE ptr=iommu_mm0#1 site=mm_pasid_drop'

  test('leaves alone what others have grabbed', () => {
    const run = feed(mmdrop, input('mmdrop', sva), call, value(1))
    expect(run.said).toEqual([drop, 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('by the last gives back the PASID, and frees what said which it was', () => {
    const heard = [call, value(0), has({ iommuMm }), has({ pasid: 1 }), answer(), answer(), answer()]
    const run = feed(mmdrop, input('mmdrop', sva), ...heard)
    expect(run.said).toEqual([
      ...[drop, look],
      'iommu_mms USE ptr=iommu_mm0#1 site=mm_pasid_drop',
      'pasid1 FREE',
      iommuMmFreed,
      ...freed,
    ])
    expect(run.atRest).toBe(true)
  })

  test('gave back no PASID up to 5.17, when that was done already', () => {
    const run = feed(mmdrop, input('mmput', sva), call, value(0), has({ iommuMm }), answer(), answer())
    expect(run.said).toEqual([drop, look, iommuMmFreed, ...freed])
    expect(run.atRest).toBe(true)
  })

  test('of an address space that never had a PASID frees it and no more', () => {
    const run = feed(mmdrop, input('mmdrop', sva), call, value(0), has({ iommuMm: null }), answer())
    expect(run.said).toEqual([drop, look, ...freed])
    expect(run.atRest).toBe(true)
  })

  test('knows nothing of PASIDs where the IOMMU core keeps them', () => {
    const run = feed(mmdrop, input('mmdrop', at), call, value(0), answer())
    expect(run.said).toEqual([drop, ...freed])
    expect(run.atRest).toBe(true)
  })
})

describe('a process that ends', () => {
  const at = { processes: { vmm: 'vmm' }, mmput: 't1.mmput', closes: ['t1.close0', 't1.close1'] }
  const call = { type: 'CALL', process: 'vmm' }
  const closes = ['t1.close0 CALL process=vmm', 't1.close1 CALL process=vmm']

  test('gives up its address space before its descriptors', () => {
    const run = feed(svmExit, { task: 't1', at }, call, answer({ mm }), returned, returned, returned)
    expect(run.said).toEqual(['vmm EXIT', 't1.mmput CALL mm=mm0#1', ...closes, 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('and was over already has no address space to put', () => {
    const run = feed(svmExit, { task: 't1', at }, call, answer({ mm: null }), returned, returned)
    expect(run.said).toEqual(['vmm EXIT', ...closes, 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('with no device open closes none', () => {
    const run = feed(svmExit, { task: 't1', at: { ...at, closes: [] } }, call, answer({ mm }), returned)
    expect(run.said).toEqual(['vmm EXIT', 't1.mmput CALL mm=mm0#1', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })
})

describe('a process that executes another program', () => {
  const input = { task: 't1', at: { processes: { vmm: 'vmm' }, mms: 'mms', mmput: 't1.mmput' } }
  const call = { type: 'CALL', process: 'vmm' }
  const made = { type: 'ANSWER', ptr: { id: 'mm1', gen: 1 } }

  test('puts the old address space once it runs in the new one', () => {
    const run = feed(svmExec, input, call, made, answer({ mm }), returned)
    expect(run.said).toEqual([
      'mms ALLOC fields=[object Object] site=mm_alloc',
      'vmm EXEC mm=mm1#1',
      't1.mmput CALL mm=mm0#1',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('has a new address space that it alone uses, without a PASID', () => {
    const [allocated] = drive(svmExec, input).hear(call)
    expect(allocated).toMatchObject({
      message: { fields: { process: 'vmm', users: 1, count: 1, iommuMm: null } },
    })
  })

  test('and was killed meanwhile puts the new one', () => {
    const run = feed(svmExec, input, call, made, answer({ mm: null }), returned)
    expect(run.said.slice(2)).toEqual(['t1.mmput CALL mm=mm1#1', 't1 RETURN ret=-ESRCH'])
    expect(run.atRest).toBe(true)
  })
})

describe('vfree', () => {
  const at = { walks: 'walks', ptpages: 'ptpages' }
  const input = (flushesKernelWalks: boolean) => ({ task: 't1', form: { flushesKernelWalks }, at })
  const page = { type: 'ANSWER', ptr: { id: 'ptpage0', gen: 1 } }
  const freed = ['ptpages FREE ptr=ptpage0#1 site=pagetable_free_kernel', 't1 RETURN ret=0']

  test('tells the IOMMU before a page of the kernel’s page tables is freed', () => {
    const run = feed(vfree, input(true), 'CALL', page, answer(), answer(), answer())
    expect(run.said).toEqual(['walks PAGE', 'walks SET_PAGE ptr=null', 'walks FLUSH', ...freed])
    expect(run.atRest).toBe(true)
  })

  test('told nobody, for nobody was there to tell (B-58)', () => {
    const run = feed(vfree, input(false), 'CALL', page, answer(), answer())
    expect(run.said).toEqual(['walks PAGE', 'walks SET_PAGE ptr=null', ...freed])
    expect(run.atRest).toBe(true)
  })

  test('of memory that is unmapped already does nothing', () => {
    const run = feed(vfree, input(true), 'CALL', { type: 'ANSWER', ptr: null })
    expect(run.said).toEqual(['walks PAGE', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })
})

/** The calls on real slabs: a call that asks is answered, until it returns. */
describe('an address space', () => {
  const form = { pasidFreedAt: 'mmdrop' }
  const at = { mms: 'mms', iommuMms: 'iommu_mms', pasids: { 1: 'pasid1' } }

  const world = (users: number, count: number) => {
    const mms = drive(slab, { name: 'mm', objects: [{ process: 'vmm', users, count, iommuMm }] })
    const iommuMms = drive(slab, { name: 'iommu_mm', objects: [{ pasid: 1 }] })
    const actors: Record<string, (message: Message) => readonly unknown[]> = {
      mms: mms.hear,
      iommu_mms: iommuMms.hear,
      iommu: () => [{ type: 'send', to: 't1', message: { type: 'ANSWER', ret: 0 } }],
      pasid1: () => [{ type: 'send', to: 't1', message: { type: 'ANSWER', ret: 0 } }],
    }
    const log: string[] = []
    /** Plays a call to its end. */
    const play = (call: ReturnType<typeof drive>, first: Message): void => {
      let message = first
      for (;;) {
        const sent = call.hear(message).findLast((one) => one.type === 'send')
        if (sent === undefined || sent.message.type === 'RETURN') return
        log.push(`${sent.to} ${sent.message.type}`)
        if (sent.to === 't1.mmdrop') {
          play(drive(mmdrop, { task: 't1', form, at }), sent.message)
          message = returned
        } else {
          const said = actors[sent.to]!(sent.message) as readonly { type: string; message: Message; title: string }[]
          log.push(...said.flatMap(({ type, title }) => (type === 'finding' ? [title] : [])))
          message = said.find(({ type }) => type === 'send')!.message
        }
      }
    }
    const putInput = { task: 't1', form, at: { ...at, translation: 'iommu', mmdrop: 't1.mmdrop' } }
    const put = () => play(drive(mmput, putInput), { type: 'CALL', mm })
    const drop = () => play(drive(mmdrop, { task: 't1', form, at }), { type: 'CALL', mm })
    return { mms, iommuMms, log, put, drop }
  }

  test('is freed with its last user where nobody has grabbed it', () => {
    const { mms, iommuMms, put } = world(2, 1)
    put()
    expect(mms.context.objects).toHaveLength(1)
    put()
    expect([...mms.context.objects, ...iommuMms.context.objects]).toEqual([])
  })

  test('that a bond has grabbed outlives its users, and its PASID with it', () => {
    const { mms, iommuMms, log, put, drop } = world(1, 2)
    put()
    expect(mms.context.objects).toMatchObject([{ fields: { users: 0, count: 1 } }])
    expect(log).not.toContain('pasid1 FREE')
    drop()
    expect(log).toContain('pasid1 FREE')
    expect([...mms.context.objects, ...iommuMms.context.objects]).toEqual([])
  })
})
