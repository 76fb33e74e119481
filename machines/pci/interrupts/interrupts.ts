/**
 * Interrupts of a function as vfio-pci delivers them: one kind at a time (INTx, MSI, MSI-X), each vector to an eventfd; besides, two
 * that the driver itself sends (error, request). An eventfd goes by the file it was made as.
 *
 * Source: Linux 6.1 drivers/vfio/vfio_main.c vfio_set_irqs_validate_and_prepare; drivers/vfio/pci/vfio_pci_intrs.c.
 * Left out: an eventfd that unmasks INTx is kept, but a write to it does nothing.
 */
import { firstFailing } from '../../kernel/checks.ts'
import { irqCount, irqs, type FunctionFacts } from '../function/facts.ts'

export interface Interrupts {
  /** The kind in use: an index, or none. */
  readonly active: number | null
  /** Where each vector goes. */
  readonly vectors: readonly (string | null)[]
  readonly masked: boolean
  /** The user set the INTx disable bit. */
  readonly disabled: boolean
  readonly unmask: string | null
  readonly err: string | null
  readonly req: string | null
}

export const quiet: Interrupts = {
  active: null,
  vectors: [],
  masked: false,
  disabled: false,
  unmask: null,
  err: null,
  req: null,
}

/** struct vfio_irq_set, and what came of looking up the eventfd in it. */
export interface IrqSet {
  readonly index: number
  readonly flags: number
  readonly start: number
  readonly count: number
  readonly argsz?: number
  readonly bool?: number
  /** null = -1: nowhere. */
  readonly eventfd: string | null
  /** Why it is no eventfd. */
  readonly refused?: string
}

export interface Changed {
  readonly interrupts: Interrupts
  readonly ret: number | string
  /** Eventfds that are signalled now. */
  readonly signals: readonly string[]
}

const data = { none: 1, bool: 2, eventfd: 4, all: 7 }
const action = { mask: 8, unmask: 16, trigger: 32, all: 56 }
const headerSize = 20
const u32 = 2 ** 32 - 1

const dataSize = ({ flags, count }: IrqSet): number => {
  if ((flags & data.eventfd) !== 0) return 4 * count
  return (flags & data.bool) !== 0 ? count : 0
}

/** What every bus checks before it looks at the data. */
export function invalid(set: IrqSet, facts: FunctionFacts): string | undefined {
  const { index, flags, start, count, argsz = headerSize + dataSize(set) } = set
  const available = irqCount(facts, index)
  return firstFailing([
    [argsz < headerSize, '-EINVAL'],
    [index >= irqs.count, '-EINVAL'],
    [count >= u32 - start, '-EINVAL'],
    [(flags & ~(data.all | action.all)) !== 0, '-EINVAL'],
    [start >= available || start + count > available, '-EINVAL'],
    [![data.none, data.bool, data.eventfd].includes(flags & data.all), '-EINVAL'],
    [argsz - headerSize < dataSize(set), '-EINVAL'],
  ])
}

export const takesEventfd = ({ flags, count }: IrqSet): boolean => (flags & data.eventfd) !== 0 && count > 0

const stays = (interrupts: Interrupts, ret: number | string = 0): Changed => ({ interrupts, ret, signals: [] })

const signalled = (interrupts: Interrupts, to: readonly (string | null | undefined)[]): Changed => ({
  interrupts,
  ret: 0,
  signals: to.filter((each) => typeof each === 'string'),
})

const has = (flags: number, bit: number): boolean => (flags & bit) !== 0

/** Without data the interrupt is sent, with a bool it is sent if that is set: a loop-back for tests. */
const isSent = ({ flags, bool = 0 }: IrqSet): boolean => has(flags, data.none) || (has(flags, data.bool) && bool !== 0)

interface Of {
  readonly facts: FunctionFacts
  readonly kernel: { readonly addsMsixVectors: boolean }
}

/** `asserted` = the device pulls its INTx line. */
export function set(now: Interrupts, { facts, kernel }: Of, asked: IrqSet, asserted: boolean): Changed {
  const { index, flags } = asked
  const how = flags & action.all
  if (index === irqs.intx) {
    if (how === action.mask) return mask(now, asked)
    if (how === action.unmask) return unmask(now, asked, asserted)
    if (how === action.trigger) return triggerIntx(now, asked, asserted)
  }
  if ((index === irqs.msi || index === irqs.msix) && how === action.trigger)
    return triggerMsi(now, asked, index === irqs.msix && kernel.addsMsixVectors)
  if (index === irqs.err && how === action.trigger && facts.isExpress) return triggerOwn(now, asked, 'err')
  if (index === irqs.req && how === action.trigger) return triggerOwn(now, asked, 'req')
  return stays(now, '-ENOTTY')
}

const isIntx = ({ active }: Interrupts): boolean => active === irqs.intx

function mask(now: Interrupts, asked: IrqSet): Changed {
  if (!isIntx(now) || asked.start !== 0 || asked.count !== 1) return stays(now, '-EINVAL')
  if (has(asked.flags, data.eventfd)) return stays(now, '-ENOTTY')
  return stays(isSent(asked) ? { ...now, masked: true } : now)
}

function unmask(now: Interrupts, asked: IrqSet, asserted: boolean): Changed {
  if (!isIntx(now) || asked.start !== 0 || asked.count !== 1) return stays(now, '-EINVAL')
  if (!has(asked.flags, data.eventfd)) return isSent(asked) ? unmasked(now, asserted) : stays(now)
  if (asked.refused !== undefined) return stays(now, asked.refused)
  if (asked.eventfd !== null && now.unmask !== null) return stays(now, '-EBUSY')
  return stays({ ...now, unmask: asked.eventfd })
}

/** The line may still be pulled: then it is sent again at once, and stays masked. */
function unmasked(now: Interrupts, asserted: boolean): Changed {
  if (!now.masked || now.disabled) return stays(now)
  return deliver({ ...now, masked: false }, asserted)
}

/** A line that is pulled interrupts once, and is masked by that. */
function deliver(now: Interrupts, asserted: boolean): Changed {
  if (!isIntx(now) || !asserted || now.masked || now.disabled) return stays(now)
  return signalled({ ...now, masked: true }, [now.vectors[0]])
}

const off = (now: Interrupts): Interrupts => ({ ...now, active: null, vectors: [], masked: false, unmask: null })

function triggerIntx(now: Interrupts, asked: IrqSet, asserted: boolean): Changed {
  const { flags, start, count, eventfd, refused } = asked
  if (isIntx(now) && count === 0 && has(flags, data.none)) return stays(off(now))
  if (!(isIntx(now) || now.active === null) || start !== 0 || count !== 1) return stays(now, '-EINVAL')
  if (has(flags, data.eventfd)) {
    if (refused !== undefined) return stays(now, refused)
    const masked = isIntx(now) ? now.masked : now.disabled
    return deliver({ ...now, active: irqs.intx, vectors: [eventfd], masked }, asserted)
  }
  if (!isIntx(now)) return stays(now, '-EINVAL')
  return isSent(asked) && !now.disabled ? signalled(now, now.vectors) : stays(now)
}

function triggerMsi(now: Interrupts, asked: IrqSet, grows: boolean): Changed {
  const { index, flags, start, count, eventfd, refused } = asked
  const isActive = now.active === index
  if (isActive && count === 0 && has(flags, data.none)) return stays(off(now))
  if (!(isActive || now.active === null)) return stays(now, '-EINVAL')
  if (has(flags, data.eventfd)) {
    // No vectors at all cannot be had.
    if (!isActive && start + count === 0) return stays(now, '-ERANGE')
    const before = isActive ? now.vectors : []
    const more = isActive && !grows ? 0 : Math.max(0, start + count - before.length)
    const vectors = [...before, ...Array.from({ length: more }, () => null)]
    if (start >= vectors.length || start + count > vectors.length) return stays(now, '-EINVAL')
    if (refused !== undefined)
      return stays(isActive ? { ...now, vectors: vectors.toSpliced(start, 1, null) } : now, refused)
    const added = Array.from({ length: count }, () => eventfd)
    return stays({ ...now, active: index, vectors: vectors.toSpliced(start, count, ...added) })
  }
  if (!isActive || start + count > now.vectors.length) return stays(now, '-EINVAL')
  return signalled(now, isSent(asked) ? now.vectors.slice(start, start + count) : [])
}

/** The two that the driver sends itself. */
function triggerOwn(now: Interrupts, asked: IrqSet, which: 'err' | 'req'): Changed {
  const { flags, start, count, eventfd, refused } = asked
  if (start !== 0 || count > 1) return stays(now, '-EINVAL')
  if (has(flags, data.none)) {
    if (now[which] === null) return stays(now, '-EINVAL')
    return count > 0 ? signalled(now, [now[which]]) : stays({ ...now, [which]: null })
  }
  if (count === 0) return stays(now, '-EINVAL')
  if (has(flags, data.bool)) return signalled(now, isSent(asked) ? [now[which]] : [])
  return refused === undefined ? stays({ ...now, [which]: eventfd }) : stays(now, refused)
}

/** The device sends one: a message, or it pulls its line. A message needs a bus master. */
export function raised(now: Interrupts, { isMaster, asserted }: { isMaster: boolean; asserted: boolean }): Changed {
  if (now.active === irqs.msi) return signalled(now, isMaster ? now.vectors.slice(0, 1) : [])
  return deliver(now, asserted)
}

/** The user changed the INTx disable bit of the command register. */
export function setDisabled(now: Interrupts, disabled: boolean, asserted: boolean): Changed {
  if (disabled === now.disabled) return stays(now)
  if (disabled) return stays({ ...now, disabled, masked: isIntx(now) || now.masked })
  return isIntx(now) ? unmasked({ ...now, disabled }, asserted) : stays({ ...now, disabled })
}
