/**
 * An open /dev/iommu, or /dev/vfio/vfio where iommufd provides it (struct iommufd_ctx): the objects made through it by their
 * numbers, and which IOAS stands for the container of old (vfio_ioas). A device that is bound has the DMA of its whole
 * IOMMU group, as long as any device of the group is bound through the same file.
 *
 * IOASes live in actors of their own, which are there from the start; this knows which of them have been made (numbers.ts).
 *
 * Source: drivers/iommu/iommufd/main.c, vfio_compat.c (6.2 to 7.x). The devices of the kernel's own tests are bound and attached
 * in one go.
 * Left out: the reference that setting the IOAS of a container takes for a moment; noiommu.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import type { Said } from '../say.ts'
import { faultsOf } from './fault/fault-queue.ts'
import { noAbilities } from './abilities.ts'
import {
  add,
  attachedTo,
  bound,
  compatOf,
  deviceIn,
  devicesOf,
  flag,
  ioasCalled,
  ioasIn,
  isHeld,
  isThere,
  leavesQueue,
  lowestId,
  madeOver,
  noPasid,
  noRlimitMode,
  noTable,
  notBesidePasids,
  notDroppable,
  notRemovable,
  pasidIn,
  tableCalled,
  tellsOf,
  toAttachTo,
  withPasid,
  withoutOne,
  type IommufdContext,
  type IommufdEvent,
  type Made,
} from './numbers.ts'

export const iommufdContext = setup({
  types: {
    context: {} as IommufdContext,
    events: {} as IommufdEvent,
    emitted: {} as Said,
    /** The IOASes that can be made. */
    input: {} as Pick<IommufdContext, 'abilities'> & {
      readonly ioases: readonly string[]
      readonly accounts?: 'user' | 'memory'
    },
  },
  guards: {
    hasCompat: ({ context }) => context.compat !== null,
    isUnknown: ({ context, event }) => event.type === 'SET_COMPAT' && ioasCalled(context, event.ioas) === null,
    isGone: ({ context, event }) => !isThere(context, ioasIn(event)),
    cannotAttachPasid: ({ context, event }) => noPasid(context, event) !== undefined,
    cannotMake: ({ context, event }) => noTable(context, event) !== undefined,
    cannotRemove: ({ context, event }) => notRemovable(context, event) !== undefined,
  },
  actions: {
    hold: assign(({ event }) => {
      assertEvent(event, 'HOLD')
      return { file: event.file }
    }),
    tellFile: emit(({ context: { file }, event }) => answer(event, 'FILE_IS', { file })),
    allocate: assign(({ context: { objects, free } }) => ({
      objects: add(objects, { what: 'ioas', actor: free[0]! }),
      free: free.slice(1),
    })),
    /** Before `allocate`. */
    allocated: emit(({ context, event }) => answer(event, 'ANSWER', { ret: 0, ioas: lowestId(context.objects) })),
    makeCompat: assign(({ context: { objects, free } }) => ({
      objects: add(objects, { what: 'ioas', actor: free[0]! }),
      free: free.slice(1),
      compat: lowestId(objects),
    })),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    tellCompat: emit(({ context, event }) =>
      answer(event, 'IOAS', {
        ...compatOf(context),
        accounts: context.accounts,
        ...(event.type === 'COMPAT' && tellsOf(context, event.attaches, compatOf(context))),
      }),
    ),
    tellIoas: emit(({ context, event }) => {
      assertEvent(event, 'FIND')
      if ('as' in event) return answer(event, 'IOAS', tableCalled(context, event.ioas, event.as))
      const { ioas, attaches, translated } = event
      const target = translated
        ? (notBesidePasids(context, ioas, attaches) ?? toAttachTo(context, ioas, attaches))
        : { ioas: ioasCalled(context, ioas) }
      return answer(event, 'IOAS', { ...target, accounts: context.accounts, ...tellsOf(context, attaches, target) })
    }),
    tellRlimitMode: emit(({ context, event }) => {
      assertEvent(event, 'RLIMIT_MODE')
      if (event.do === 'get') return answer(event, 'ANSWER', { ret: 0, val: context.accounts === 'memory' ? 1 : 0 })
      return answer(event, 'ANSWER', { ret: noRlimitMode(context, event) ?? 0 })
    }),
    setRlimitMode: assign(({ context, event }) => {
      assertEvent(event, 'RLIMIT_MODE')
      const isRefused = event.do !== 'set' || noRlimitMode(context, event) !== undefined
      return isRefused ? {} : { accounts: event.val === 1n ? ('memory' as const) : ('user' as const) }
    }),
    notMade: emit(({ context, event }) => answer(event, 'MADE', { ret: noTable(context, event)! })),
    /** Before `make`. */
    made: emit(({ context, event }) => {
      assertEvent(event, 'MAKE_TABLE')
      const { ioas, over } = madeOver(context, event.pt)
      const made = { ret: 0, ioas, hwpt: lowestId(context.objects), ...(over && { over }) }
      const faults = context.objects.find(({ id }) => id === event.queue)
      const asks = faults?.what === 'fault queue' && faults.faults !== undefined && { asks: faults.faults }
      return answer(event, 'MADE', { ...made, ...asks })
    }),
    make: assign(({ context, event }) => {
      assertEvent(event, 'MAKE_TABLE')
      const { ioas: actor, over } = madeOver(context, event.pt)
      const queue = event.queue === null ? {} : { queue: event.queue }
      const has = (bit: number): boolean => (event.flags & bit) !== 0
      const able = {
        ...(has(flag.dirtyTracking) && { tracks: true as const }),
        ...(has(flag.nestParent) && { nests: true as const }),
      }
      const pasids = has(flag.pasid) ? { pasids: true as const } : {}
      const made: Made =
        over === undefined
          ? { what: 'page table', actor, auto: false, ...queue, ...able, ...pasids }
          : { what: 'nested table', actor, parent: event.pt, ...queue, ...pasids }
      return { objects: add(context.objects, made) }
    }),
    drop: assign(({ context, event }) => {
      assertEvent(event, 'DROP_OBJECT')
      return notDroppable(context, event) === undefined
        ? { objects: context.objects.filter(({ id }) => id !== event.id) }
        : {}
    }),
    /** Before `drop`. */
    dropped: emit(({ context, event }) => answer(event, 'DROPPED', { ret: notDroppable(context, event) ?? 0 })),
    tellIfAny: emit(({ context: { objects }, event }) => {
      assertEvent(event, 'ANY')
      return answer(event, 'ANSWER', { ret: objects.some(({ id }) => id === event.id) ? 0 : '-ENOENT' })
    }),
    attachPasid: assign(({ context, event }) => ({ objects: withPasid(context, event) })),
    pasidRefused: emit(({ context, event }) =>
      answer(event, 'PASID_IS', { ret: noPasid(context, event)!, ioas: null, pasid: 0, last: false }),
    ),
    /** After `attachPasid`. */
    pasidAttached: emit(({ context, event }) => {
      assertEvent(event, 'ATTACH_PASID')
      const { pasid, ioas } = pasidIn(bound(context, event.device), event.pasid)!
      return answer(event, 'PASID_IS', { ret: 0, ioas, pasid, last: false })
    }),
    tellPasid: emit(({ context, event }) => {
      assertEvent(event, 'PASID')
      const own = bound(context, event.device)
      const found = pasidIn(own, event.pasid)
      if (found === undefined) return answer(event, 'PASID_IS', { ret: 0, ioas: null, pasid: 0, last: false })
      const last = devicesOf(context, own!.group).filter((each) => pasidIn(each, found.pasid)).length === 1
      return answer(event, 'PASID_IS', { ret: 0, ioas: found.ioas, pasid: found.pasid, last })
    }),
    detachPasid: assign(({ context: { objects }, event }) => {
      assertEvent(event, 'DETACH_PASID')
      return {
        objects: objects.map((each) => {
          if (each.what !== 'device' || each.device !== event.device) return each
          const { pasids = [], ...others } = each
          const left = pasids.filter(({ pasid }) => pasid !== event.pasid)
          return left.length === 0 ? others : { ...others, pasids: left }
        }),
      }
    }),
    tellDeviceNumbered: emit(({ context: { objects, abilities }, event }) => {
      assertEvent(event, 'DEVICE_NUMBERED')
      const found = objects.find(({ id }) => id === event.devid)
      if (found?.what !== 'device') return answer(event, 'ANSWER', { ret: '-ENOENT' })
      return answer(event, 'ANSWER', { ret: 0, ...(abilities && { can: abilities[found.device] ?? noAbilities }) })
    }),
    makeQueue: assign(({ context: { objects, abilities }, event }) => {
      assertEvent(event, 'MAKE_QUEUE')
      const { file } = event
      return { objects: add(objects, { what: 'fault queue', file, ...(abilities && { faults: faultsOf(file) }) }) }
    }),
    /** Before `makeQueue`. */
    madeQueue: emit(({ context, event }) => answer(event, 'ANSWER', { ret: 0, id: lowestId(context.objects) })),
    closeQueue: assign(({ context: { objects }, event }) => {
      assertEvent(event, 'CLOSE_QUEUE')
      return {
        objects: objects.map((each) =>
          each.what === 'fault queue' && each.file === event.file ? { ...each, file: null } : each,
        ),
      }
    }),

    get: assign(({ context: { inUse }, event }) => ({ inUse: [...inUse, ioasIn(event)].toSorted() })),
    got: emit(({ event }, { ret }: { ret: 0 | string }) => answer(event, 'GOT', { ret })),
    put: assign(({ context: { inUse }, event }) => ({ inUse: withoutOne(inUse, ioasIn(event)) })),
    tellObject: emit(({ context: { objects }, event }) => {
      assertEvent(event, 'OBJECT')
      const found = objects.find(({ id }) => id === event.id)
      const actor = found !== undefined && 'actor' in found ? found.actor : null
      const ret = found === undefined ? '-ENOENT' : isHeld(objects, found) ? '-EBUSY' : 0
      return answer(event, 'OBJECT_IS', { ret, what: found?.what ?? null, ioas: actor })
    }),
    /** Before `remove`. */
    removed: emit(({ context, event }) => answer(event, 'REMOVED', { ret: notRemovable(context, event) ?? 0 })),
    remove: assign(({ context: { objects, compat }, event }) => {
      const gone = objects.find((each) => each.what === 'ioas' && each.actor === ioasIn(event))!
      return { objects: objects.filter((each) => each !== gone), compat: compat === gone.id ? null : compat }
    }),
    /** Its own reference goes in any case. */
    putOwn: assign(({ context: { inUse }, event }) => {
      assertEvent(event, 'REMOVE')
      return { inUse: event.own ? withoutOne(inUse, event.ioas) : inUse }
    }),
    compatIs: emit(({ context, event }) => answer(event, 'ANSWER', { ret: 0, ioas: context.compat! })),
    noCompat: emit(({ event }) => answer(event, 'ANSWER', { ret: '-ENODEV' })),
    noIoas: emit(({ event }) => answer(event, 'ANSWER', { ret: '-ENOENT' })),
    setCompat: assign(({ event }) => {
      assertEvent(event, 'SET_COMPAT')
      return { compat: event.ioas }
    }),
    clearCompat: assign({ compat: null }),

    /** Before `bind`. */
    bound: emit(({ context, event }) => {
      assertEvent(event, 'BIND')
      return answer(event, 'BOUND', {
        first: devicesOf(context, event.group).length === 0,
        devid: lowestId(context.objects),
      })
    }),
    bind: assign(({ context: { objects }, event }) => {
      assertEvent(event, 'BIND')
      const { device, group } = event
      return { objects: add(objects, { what: 'device', device, group, ioas: null, pt: null, translated: false }) }
    }),
    attach: assign(({ context, event }) => attachedTo(context, event)),
    /** After `attach`. */
    attached: emit(({ context, event }) => {
      assertEvent(event, 'ATTACHED')
      return answer(event, 'NOTED', { pt: bound(context, event.device)?.pt ?? null })
    }),
    detach: assign(({ context, event }) => attachedTo(context, event)),
    noted: emit(({ event }) => answer(event, 'NOTED')),
    tellDevice: emit(({ context, event }) =>
      answer(event, 'DEVICE_IS', {
        ioas: bound(context, deviceIn(event))?.ioas ?? null,
        devid: bound(context, deviceIn(event))?.id ?? null,
        ...leavesQueue(context, deviceIn(event)),
      }),
    ),
    /** Before `unbind`. */
    unbound: emit(({ context, event }) => {
      const device = bound(context, deviceIn(event))
      return answer(event, 'UNBOUND', { last: device !== undefined && devicesOf(context, device.group).length === 1 })
    }),
    unbind: assign(({ context: { objects }, event }) => ({
      objects: objects.filter((each) => each.what !== 'device' || each.device !== deviceIn(event)),
    })),

    tellContents: emit(({ context: { objects }, event }) =>
      answer(event, 'CONTENTS_ARE', {
        devices: objects.flatMap((each) =>
          each.what === 'device' && each.ioas !== null ? [{ device: each.device, ioas: each.ioas }] : [],
        ),
        tables: objects.flatMap((each) =>
          each.what === 'page table' && !each.auto ? [{ id: each.id, ioas: each.actor }] : [],
        ),
        ioases: objects.flatMap((each) => (each.what === 'ioas' ? [each.actor] : [])),
      }),
    ),
  },
}).createMachine({
  id: 'iommufdContext',
  context: ({ input: { ioases, accounts = 'memory', abilities } }) => ({
    ...{ file: null, free: ioases, objects: [], compat: null, inUse: [] },
    ...{ accounts, ...(abilities && { abilities }) },
  }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        HOLD: { actions: ['hold', 'noted'] },
        FILE: { actions: 'tellFile' },
        ALLOCATE: { actions: ['allocated', 'allocate'] },
        FIND: { actions: 'tellIoas' },
        GET: [
          { guard: 'isGone', actions: { type: 'got', params: { ret: '-ENOENT' } } },
          { actions: ['get', { type: 'got', params: { ret: 0 } }] },
        ],
        PUT: { actions: ['put', 'noted'] },
        OBJECT: { actions: 'tellObject' },
        REMOVE: [
          { guard: 'cannotRemove', actions: ['removed', 'putOwn'] },
          { actions: ['removed', 'putOwn', 'remove'] },
        ],
        COMPAT: { actions: 'tellCompat' },
        RLIMIT_MODE: { actions: ['tellRlimitMode', 'setRlimitMode'] },
        MAKE_TABLE: [{ guard: 'cannotMake', actions: 'notMade' }, { actions: ['made', 'make'] }],
        DROP_OBJECT: { actions: ['dropped', 'drop'] },
        ANY: { actions: 'tellIfAny' },
        ATTACH_PASID: [
          { guard: 'cannotAttachPasid', actions: 'pasidRefused' },
          { actions: ['attachPasid', 'pasidAttached'] },
        ],
        PASID: { actions: 'tellPasid' },
        DETACH_PASID: { actions: ['detachPasid', 'noted'] },
        DEVICE_NUMBERED: { actions: 'tellDeviceNumbered' },
        MAKE_QUEUE: { actions: ['madeQueue', 'makeQueue'] },
        CLOSE_QUEUE: { actions: ['closeQueue', 'noted'] },
        CREATE_COMPAT: [{ guard: 'hasCompat', actions: 'done' }, { actions: ['makeCompat', 'done'] }],
        GET_COMPAT: [{ guard: 'hasCompat', actions: 'compatIs' }, { actions: 'noCompat' }],
        SET_COMPAT: [{ guard: 'isUnknown', actions: 'noIoas' }, { actions: ['setCompat', 'done'] }],
        CLEAR_COMPAT: { actions: ['clearCompat', 'done'] },
        BIND: { actions: ['bound', 'bind'] },
        ATTACHED: { actions: ['attach', 'attached'] },
        DETACHED: { actions: ['detach', 'noted'] },
        DEVICE: { actions: 'tellDevice' },
        UNBIND: { actions: ['unbound', 'unbind'] },
        CONTENTS: { actions: 'tellContents' },
      },
    },
  },
})
