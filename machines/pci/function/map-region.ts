/**
 * mmap of a device file: vfio-pci says whether this part of this region can be mapped, the address space does the rest. When the driver
 * refuses, what was mapped at a fixed address is gone already.
 *
 * Source: Linux 6.1 vfio_pci_core_mmap. Left out: requesting the region, write combining.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { pageSize } from '../../mm/extent.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { canMap, regions, regionShift, type FunctionFacts } from './facts.ts'

export interface MapRegionInput {
  readonly task: string
  readonly facts: FunctionFacts
}

type MapRegionContext = MapRegionInput & { readonly caller: string | null }

interface MapArgs {
  readonly addr: bigint
  readonly len: bigint
  readonly prot: string
  /** None: the file is mapped as it is. */
  readonly bar?: number
  readonly off: bigint
  readonly private?: number
  readonly file: string
}

type MapRegionEvent =
  | (Heard & MapArgs & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })

const argsOf = (event: MapRegionEvent): MapArgs => {
  assertEvent(event, 'CALL')
  return event
}

const roundedUp = (len: bigint): bigint => (len + pageSize - 1n) & ~(pageSize - 1n)

/** Index of the region and the place in it; what is too far for one is in the next. */
const placeOf = ({ bar = 0, off }: MapArgs): { readonly index: number; readonly at: bigint } => {
  const position = (BigInt(bar) << regionShift) + off
  return { index: Number(position >> regionShift), at: BigInt.asUintN(Number(regionShift), position) }
}

function refusal({ bars }: FunctionFacts, args: MapArgs): string | undefined {
  const { index, at } = placeOf(args)
  const bar = bars[index] ?? null
  return firstFailing([
    [index >= regions.count, '-EINVAL'],
    [Boolean(args.private), '-EINVAL'],
    [index >= regions.rom, '-EINVAL'],
    [bar === null || !canMap(bar), '-EINVAL'],
    [() => at + roundedUp(args.len) > roundedUp(BigInt(bar!.size)), '-EINVAL'],
  ])
}

export const mapRegion = setup({
  types: {
    context: {} as MapRegionContext,
    events: {} as MapRegionEvent,
    emitted: {} as Said,
    input: {} as MapRegionInput,
  },
  guards: {
    isUnaligned: ({ event }) => argsOf(event).off % pageSize !== 0n,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    unaligned: emit(({ event, context: { task } }) => send(event.from, 'RETURN', { task, ret: '-EINVAL' })),
    map: emit(({ context: { task, facts }, event }) => {
      const args = argsOf(event)
      const { addr, len, prot, file } = args
      const { index, at } = placeOf(args)
      const memory = {
        in: `${facts.id}.bar${index}`,
        n: Number(at / pageSize),
        pages: Number(roundedUp(BigInt(facts.bars[index]?.size ?? 0)) / pageSize),
      }
      const refused = refusal(facts, args) ?? null
      return send(`${task}.mmap_device`, 'CALL', { task, addr, len, prot, file, memory, refused })
    }),
    finish: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, 'RETURN')
      return send(caller!, 'RETURN', { task, ret: event.ret })
    }),
    reset: assign({ caller: null }),
  },
}).createMachine({
  id: 'mapRegion',
  context: ({ input: { task, facts } }) => ({ task, facts, caller: null }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isUnaligned', actions: 'unaligned' },
          { target: 'mapping', actions: ['begin', 'map'] },
        ],
      },
    },
    mapping: { on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
