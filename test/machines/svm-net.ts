/**
 * Several machines that talk to each other, for what needs more than one of them. A task runs until it has its answer, waits for a lock, or
 * comes to a message at which it is to stop; who runs when is the test's to say. A callback may be a function instead of a machine.
 */
import { initialTransition, transition, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate'
import { svmExit } from '../../machines/mm/life/exit.ts'
import { mmdrop } from '../../machines/mm/life/mmdrop.ts'
import { mmput } from '../../machines/mm/life/mmput.ts'
import { svmProcess } from '../../machines/mm/life/process.ts'
import { allocPasid } from '../../machines/sva/pasid/alloc-pasid.ts'
import { bindTask } from '../../machines/sva/bond/bind-task.ts'
import { bonds } from '../../machines/sva/bond/bonds.ts'
import { sound, type SvmForm } from '../../machines/sva/bond/forms.ts'
import { pasid } from '../../machines/sva/pasid/pasid.ts'
import { releaseMm } from '../../machines/sva/bond/release-mm.ts'
import { translation } from '../../machines/sva/pasid/translation.ts'
import { unbindTask } from '../../machines/sva/bond/unbind-task.ts'
import { list } from '../../machines/kernel/lists/list.ts'
import { mutex } from '../../machines/kernel/locks/mutex.ts'
import { slab } from '../../machines/kernel/heap/slab.ts'
import { svmClose } from '../../machines/sva/device/close.ts'
import { svmDeviceFile } from '../../machines/sva/device/device-file.ts'
import { rfc29 } from '../../machines/sva/bond/rfc29.ts'
import type { Said } from '../../machines/say.ts'

interface Message {
  readonly to: string
  readonly from: string
  readonly type: string
  readonly task: string
  readonly [field: string]: unknown
}

type Answers = (message: Message) => { readonly type: string; readonly [field: string]: unknown }
type Actor = readonly [AnyStateMachine, unknown] | Answers

export interface Net {
  /** A call that begins: it is up to `run` how far it gets. */
  start(task: string, call: string, args: Readonly<Record<string, unknown>>): void
  /** Until it has its answer, which is returned; `null` when it stopped before. */
  run(task: string, stopAt?: string): Readonly<Record<string, unknown>> | null
  call(task: string, call: string, args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | null
  /** One message that nobody asked for. */
  tell(to: string, type: string): void
  /** Findings, notes and what was done to memory that is nobody's, and what was sent: `bonds MARK`. */
  readonly said: readonly string[]
  context(id: string): any
  state(id: string): unknown
  /** Calls of a task that are not again as they were at first: states of the search would not merge. */
  busy(task: string): readonly string[]
}

export const net = (actors: Readonly<Record<string, Actor>>): Net => {
  const snapshots = new Map<string, AnyMachineSnapshot>()
  for (const [id, actor] of Object.entries(actors)) {
    if (typeof actor !== 'function') snapshots.set(id, initialTransition(actor[0], actor[1] as never)[0])
  }
  const first = new Map(snapshots)
  const said: string[] = []
  let lane: Message[] = []
  const returned = new Map<string, Readonly<Record<string, unknown>>>()

  const isDeferred = ({ to, type }: Message): boolean =>
    Object.values((snapshots.get(to)?.getMeta() ?? {}) as Record<string, { defers?: readonly string[] }>).some((meta) =>
      meta.defers?.includes(type),
    )

  const deliver = (message: Message): void => {
    const { to, from, type, task, ...fields } = message
    if (to === `test ${task}`) {
      returned.set(task, fields)
      return
    }
    said.push(`${to} ${type}${type === 'CALL' && 'do' in fields ? ` ${String(fields.do)}` : ''}`)
    const actor = actors[to]
    if (actor === undefined) throw new Error(`nobody is ${to}: ${type} from ${from}`)
    if (typeof actor === 'function') {
      lane.push({ to: from, from: to, task, ...actor(message) })
      return
    }
    const [next, actions] = transition(actor[0], snapshots.get(to)!, { from, type, task, ...fields })
    snapshots.set(to, next)
    for (const action of actions) {
      const one = (action.params as unknown as { event: Said }).event
      if (one.type === 'send') lane.push({ ...one.message, to: one.to, from: to } as Message)
      else if (one.type === 'note') said.push(`~ ${one.object} ${one.what}`)
      else if (one.type === 'finding') said.push(`! ${one.kind} ${one.title}`)
      else if ('live' in one && !one.live) said.push(`! ${one.act} of ${one.object}, which is freed, in ${one.site}`)
    }
  }

  const run = (task: string, stopAt?: string) => {
    for (;;) {
      const message = lane.find((each) => each.task === task && !isDeferred(each))
      if (message === undefined || `${message.to} ${message.type}` === stopAt) break
      lane = lane.filter((each) => each !== message)
      deliver(message)
    }
    const answer = returned.get(task) ?? null
    returned.delete(task)
    return answer
  }
  const start = (task: string, call: string, args: Readonly<Record<string, unknown>>) => {
    lane.push({ to: `${task}/${call}`, from: `test ${task}`, type: 'CALL', task, ...args })
  }

  return {
    start,
    run,
    call(task, call, args) {
      start(task, call, args)
      return run(task)
    },
    tell(to, type) {
      deliver({ to, from: 'nobody', type, task: 'nobody' })
    },
    said,
    context: (id) => snapshots.get(id)!.context,
    state: (id) => snapshots.get(id)!.value,
    busy: (task) =>
      [...snapshots]
        .filter(([id, { value, context }]) => {
          const { value: before, context: was } = first.get(id)!
          return id.startsWith(`${task}/`) && JSON.stringify([value, context]) !== JSON.stringify([before, was])
        })
        .map(([id]) => id),
  }
}

export const mm = (n: number, gen = 1) => ({ id: `mm${n}`, gen })

export interface Setting {
  readonly form?: Partial<SvmForm>
  /** What each device says when it is told to stop; without, it has no callback. */
  readonly stops?: Readonly<Record<string, string>>
  /** How many invalidations time out. */
  readonly failures?: number
  /** PASIDs there are. */
  readonly pasids?: number
  readonly mmExit?: boolean
}

/** dev0 and dev1, two tasks, and the processes vmm0 (mm0), vmm1 (mm1) with a descriptor of each device. */
export const system = ({
  form = {},
  stops = {},
  failures = 0,
  pasids: many = 2,
  mmExit = false,
}: Setting = {}): Net => {
  const all: SvmForm = { ...sound, ...form }
  const numbers = Array.from({ length: many }, (_, n) => n + 1)
  const pasids = Object.fromEntries(numbers.map((n) => [n, `pasid${n}`]))
  const processes = { vmm0: 'vmm0', vmm1: 'vmm1' }
  const devices = ['dev0', 'dev1']
  const core = { lock: 'core lock', bonds: 'bonds', mms: 'mms', translation: 'translation' }
  const queue = 'queue'
  const stop = Object.fromEntries(Object.keys(stops).map((device) => [device, `${device}.stop`]))
  const gate = mmExit ? { gate: 'gate' } : {}

  const calls = (task: string): Readonly<Record<string, Actor>> => {
    const at = (call: string) => `${task}/${call}`
    const ends = { ...core, pasids, queue, stop, ...gate }
    return {
      [at('alloc')]: [allocPasid, { task, at: { pasids: Object.values(pasids) } }],
      [at('bind')]: [bindTask, { task, form: all, at: { ...core, allocPasid: at('alloc') } }],
      [at('unbind')]: [unbindTask, { task, form: all, at: { ...ends, mmdrop: at('mmdrop') } }],
      [at('release')]: [releaseMm, { task, form: all, at: { ...ends, ...(mmExit && { mmExit: 'mm_exit' }) } }],
      // Its descriptors stay: somebody else may have them, too.
      [at('exit')]: [svmExit, { task, at: { processes, mmput: at('mmput'), closes: [] } }],
      [at('mmdrop')]: [mmdrop, { task, form: all, at: core }],
      [at('mmput')]: [mmput, { task, form: all, at: { ...core, release: at('release'), mmdrop: at('mmdrop') } }],
      ...Object.fromEntries(
        devices.flatMap((device): (readonly [string, Actor])[] => {
          const file = `${device}.file`
          const places = { lock: `${device}.tasks_lock`, list: `${device}.tasks`, tasks: 'vfio_tasks', mms: 'mms' }
          const ioctl = { file, processes, ...places, bind: at('bind'), unbind: at('unbind'), bonds: 'bonds' }
          return [
            [at(device), [rfc29, { task, form: all, device, at: ioctl }]],
            [at(`${device}.close`), [svmClose, { task, at: { file, protocol: at(device) } }]],
          ]
        }),
      ),
    }
  }

  const done: Answers = () => ({ type: 'ANSWER', ret: 0 })
  return net({
    'core lock': [mutex, { id: 'core lock' }],
    bonds: [bonds, {}],
    mms: [
      slab,
      { name: 'mm', objects: ['vmm0', 'vmm1'].map((process) => ({ process, users: 1, count: 1, iommuMm: null })) },
    ],
    translation: [translation, { failures }],
    ...Object.fromEntries(
      numbers.map((n): [string, Actor] => [`pasid${n}`, [pasid, { pasid: n, waitsForMarker: all.waitsForMarker }]]),
    ),
    vmm0: [svmProcess, { id: 'vmm0', mm: mm(0) }],
    vmm1: [svmProcess, { id: 'vmm1', mm: mm(1) }],
    ...Object.fromEntries(
      devices.flatMap((device): (readonly [string, Actor])[] => [
        [`${device}.file`, [svmDeviceFile, { descriptors: ['vmm0', 'vmm1'] }]],
        [`${device}.tasks_lock`, [mutex, { id: `${device}.tasks_lock` }]],
        [`${device}.tasks`, [list, {}]],
      ]),
    ),
    vfio_tasks: [slab, { name: 'vfio_task' }],
    ...Object.fromEntries(
      Object.entries(stops).map(([device, ret]): [string, Actor] => [
        `${device}.stop`,
        () => ({ type: 'RETURN', ret }),
      ]),
    ),
    queue: done,
    gate: done,
    mm_exit: () => ({ type: 'RETURN', ret: 0 }),
    ...calls('t1'),
    ...calls('t2'),
  })
}
