/**
 * A PCI function that vfio-pci is bound to (struct vfio_pci_core_device), with the hardware behind it: configuration space, registers and
 * interrupts. Memory comes and goes under its memory_lock; what is mapped of a BAR is gone while memory is disabled, so every access of
 * a process asks here. Other devices reach the registers as long as the function decodes its memory, whether anybody has it open or not.
 *
 * Source: Linux 6.1 drivers/vfio/pci/vfio_pci_core.c (vfio_pci_core_enable, _disable, _mmap_fault), vfio_pci_config.c, vfio_pci_rdwr.c.
 * Left out: power management, the list of mappings that are zapped (an access finds memory disabled instead).
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { PciTraits } from '../../traits.ts'
import { printk, type Heard, type Said } from '../../say.ts'
import { bytesOf, fromText, textOf, valueOf, type Byte } from './bytes.ts'
import * as config from './config-space.ts'
import { irqs, regions, type FunctionFacts } from './facts.ts'
import * as interrupts from '../interrupts/interrupts.ts'
import * as registers from './registers.ts'

export interface FunctionInput {
  readonly facts: FunctionFacts
  readonly kernel: Pick<PciTraits, 'addsMsixVectors' | 'tellsResets'>
}

interface FunctionContext extends FunctionInput {
  readonly config: config.ConfigSpace
  readonly registers: registers.Registers
  readonly interrupts: interrupts.Interrupts
}

type At = { readonly bar: number; readonly offset: number | bigint }

type FunctionEvent =
  | (Heard & { readonly type: 'OPEN' | 'CLOSE' | 'RESET' | 'NO_RESET' | 'START' })
  | (Heard & { readonly type: 'READ'; readonly region: number; readonly offset: number; readonly size: number })
  | (Heard & {
      readonly type: 'WRITE'
      readonly region: number
      readonly offset: number
      readonly bytes: readonly Byte[]
    })
  | (Heard & interrupts.IrqSet & { readonly type: 'SET_IRQS' })
  | (Heard & { readonly type: 'REQUEST'; readonly count: number })
  | (Heard & { readonly type: 'FAULT'; readonly bar: number })
  | (Heard & At & { readonly type: 'MMIO_READ'; readonly size: number })
  | (Heard & At & { readonly type: 'MMIO_WRITE'; readonly size: number; readonly val: bigint | null })
  | (Heard & At & { readonly type: 'DMA_READ'; readonly len: number })
  | (Heard & At & { readonly type: 'DMA_WRITE'; readonly bytes: string })

/** What a change of the function leads to: a new state of it, and eventfds to signal. */
interface Changed {
  readonly context: Partial<FunctionContext>
  readonly signals: readonly string[]
}

const loadRegister = (context: FunctionContext, bar: number, offset: number, size: number): bigint | null =>
  bar === 0 ? registers.read(context.registers, offset, size) : null

function storeRegister(context: FunctionContext, bar: number, store: registers.Store): Changed {
  if (bar !== 0) return { context: {}, signals: [] }
  const messages = context.interrupts.active === irqs.msi
  const { registers: next, interrupts: sends } = registers.write(context.registers, store, messages)
  if (!sends) return { context: { registers: next }, signals: [] }
  const { interrupts: now, signals } = interrupts.raised(context.interrupts, {
    isMaster: config.isMaster(context.config),
    asserted: next.asserted,
  })
  return { context: { registers: next, interrupts: now }, signals }
}

/** A piece of the configuration space; the INTx disable bit is the driver's to act on. */
function storeConfig(context: FunctionContext, offset: number, bytes: readonly Byte[]): Changed {
  const msiActive = context.interrupts.active === irqs.msi
  const space = config.write(context.config, context.facts, { offset, bytes, msiActive })
  const { interrupts: now, signals } = interrupts.setDisabled(
    context.interrupts,
    config.intxDisabled(space),
    context.registers.asserted,
  )
  return { context: { config: space, interrupts: now }, signals }
}

/** A transfer of another device, in the accesses that the bus makes of it. */
function storeTransfer(context: FunctionContext, { bar, offset }: At, bytes: readonly Byte[]): Changed {
  let now = context
  const signals: string[] = []
  for (const access of registers.accesses(Number(offset), bytes.length)) {
    const from = access.offset - Number(offset)
    const value = valueOf(bytes.slice(from, from + access.size))
    const changed = storeRegister(now, bar, { ...access, value })
    now = { ...now, ...changed.context }
    signals.push(...changed.signals)
  }
  const { registers: after, interrupts: interrupting } = now
  return { context: { registers: after, interrupts: interrupting }, signals }
}

const loadTransfer = (context: FunctionContext, { bar, offset }: At, len: number): readonly Byte[] =>
  registers
    .accesses(Number(offset), len)
    .flatMap(({ offset: where, size }) => bytesOf(loadRegister(context, bar, where, size), size))

/** Memory of a BAR is behind this access, and memory is disabled. */
const isHidden = ({ config: space, facts }: FunctionContext, region: number): boolean =>
  facts.bars[region]?.kind === 'memory' && !config.memoryEnabled(space)

const regionOf = (event: FunctionEvent): number => {
  assertEvent(event, ['READ', 'WRITE'])
  return event.region
}

export const pciFunction = setup({
  types: {
    context: {} as FunctionContext,
    events: {} as FunctionEvent,
    emitted: {} as Said,
    input: {} as FunctionInput,
  },
  guards: {
    isDisabled: ({ context, event }) => isHidden(context, regionOf(event)),
    isConfig: ({ event }) => regionOf(event) === regions.config,
    hasMemory: ({ context }) => config.memoryEnabled(context.config),
    hasNoMemory: ({ context }) => !config.memoryEnabled(context.config),
    tellsReset: ({ context: { kernel, facts } }) => kernel.tellsResets && facts.resets,
    decodes: ({ context }) => config.decodesMemory(context.config),
  },
  actions: {
    open: assign({ config: ({ context }) => config.open(context.config, context.facts) }),
    close: assign({ config: ({ context }) => config.close(context.config), interrupts: interrupts.quiet }),
    tellResetting: emit(({ context: { facts } }) => printk(4, `vfio-pci ${facts.address}: resetting`)),
    tellResetDone: emit(({ context: { facts } }) => printk(4, `vfio-pci ${facts.address}: reset done`)),
    answered: emit(({ event }, { ret }: { ret: number | string }) => answer(event, 'ANSWER', { ret })),
    readConfig: emit(({ context, event }) => {
      assertEvent(event, 'READ')
      const bytes = config.read(context.config, context.facts, event.offset, event.size)
      return answer(event, 'ANSWER', { ret: 0, bytes })
    }),
    readRegister: emit(({ context, event }) => {
      assertEvent(event, 'READ')
      const { region, offset, size } = event
      return answer(event, 'ANSWER', { ret: 0, bytes: bytesOf(loadRegister(context, region, offset, size), size) })
    }),
    write: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'WRITE')
      const { region, offset, bytes } = event
      const { context: changes, signals } =
        region === regions.config
          ? storeConfig(context, offset, bytes)
          : storeRegister(context, region, { offset, size: bytes.length, value: valueOf(bytes) })
      enqueue.assign(changes)
      enqueue.emit(answer(event, 'ANSWER', { ret: 0, signals }))
    }),
    /** The engine of an edu device is told to copy; a bus master does, any other gets nothing through. */
    start: emit(({ context, event }) => {
      const { facts, config: space } = context
      const engine = facts.model === 'edu'
      return answer(event, 'ANSWER', { ret: 0, engine, isMaster: config.isMaster(space) })
    }),
    setIrqs: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'SET_IRQS')
      const { interrupts: before, registers: device } = context
      const { interrupts: now, ret, signals } = interrupts.set(before, context, event, device.asserted)
      enqueue.assign({ interrupts: now })
      enqueue.emit(answer(event, 'ANSWER', { ret, signals }))
    }),
    requested: emit(({ context, event }) => answer(event, 'REQUESTED', { eventfd: context.interrupts.req })),
    faulted: emit(({ event }, { ret }: { ret: number | string }) => answer(event, 'FAULTED', { ret })),
    load: emit(({ context, event }) => {
      assertEvent(event, 'MMIO_READ')
      const { bar, offset, size } = event
      return answer(event, 'MMIO', { ret: 0, val: loadRegister(context, bar, Number(offset), size) })
    }),
    store: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'MMIO_WRITE')
      const { bar, offset, size, val } = event
      const { context: changes, signals } = storeRegister(context, bar, { offset: Number(offset), size, value: val })
      enqueue.assign(changes)
      enqueue.emit(answer(event, 'MMIO', { ret: 0, signals }))
    }),
    busError: emit(({ event }) => answer(event, 'MMIO', { ret: 'SIGBUS', signals: [] })),
    give: emit(({ context, event }) => {
      assertEvent(event, 'DMA_READ')
      return answer(event, 'BYTES', { bytes: textOf(loadTransfer(context, event, event.len)) })
    }),
    giveZeros: emit(({ event }) => {
      assertEvent(event, 'DMA_READ')
      return answer(event, 'BYTES', { bytes: '\0'.repeat(event.len) })
    }),
    take: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'DMA_WRITE')
      const { context: changes, signals } = storeTransfer(context, event, fromText(event.bytes))
      enqueue.assign(changes)
      enqueue.emit(answer(event, 'WRITTEN', { signals }))
    }),
    ignore: emit(({ event }) => answer(event, 'WRITTEN', { signals: [] })),
  },
}).createMachine({
  id: 'pciFunction',
  context: ({ input: { facts, kernel } }) => ({
    facts,
    kernel,
    config: config.fresh(facts),
    registers: registers.fresh(facts.model),
    interrupts: interrupts.quiet,
  }),
  initial: 'closed',
  on: {
    DMA_READ: [{ guard: 'decodes', actions: 'give' }, { actions: 'giveZeros' }],
    DMA_WRITE: [{ guard: 'decodes', actions: 'take' }, { actions: 'ignore' }],
    REQUEST: { actions: 'requested' },
  },
  states: {
    closed: {
      on: {
        OPEN: [
          {
            guard: 'tellsReset',
            target: 'open',
            actions: ['tellResetting', 'tellResetDone', 'open', { type: 'answered', params: { ret: 0 } }],
          },
          { target: 'open', actions: ['open', { type: 'answered', params: { ret: 0 } }] },
        ],
      },
    },
    open: {
      on: {
        CLOSE: { target: 'closed', actions: ['close', { type: 'answered', params: { ret: 0 } }] },
        READ: [
          { guard: 'isConfig', actions: 'readConfig' },
          { guard: 'isDisabled', actions: { type: 'answered', params: { ret: '-EIO' } } },
          { actions: 'readRegister' },
        ],
        WRITE: [{ guard: 'isDisabled', actions: { type: 'answered', params: { ret: '-EIO' } } }, { actions: 'write' }],
        START: [{ guard: 'hasNoMemory', actions: { type: 'answered', params: { ret: '-EIO' } } }, { actions: 'start' }],
        SET_IRQS: { actions: 'setIrqs' },
        // Its state is saved before and restored after: nothing of it is seen.
        RESET: [
          {
            guard: 'tellsReset',
            actions: ['tellResetting', 'tellResetDone', { type: 'answered', params: { ret: 0 } }],
          },
          { actions: { type: 'answered', params: { ret: 0 } } },
        ],
        NO_RESET: { actions: { type: 'answered', params: { ret: '-EINVAL' } } },
        FAULT: [
          { guard: 'hasMemory', actions: { type: 'faulted', params: { ret: 0 } } },
          { actions: { type: 'faulted', params: { ret: 'SIGBUS' } } },
        ],
        MMIO_READ: [{ guard: 'hasMemory', actions: 'load' }, { actions: 'busError' }],
        MMIO_WRITE: [{ guard: 'hasMemory', actions: 'store' }, { actions: 'busError' }],
      },
    },
  },
})
