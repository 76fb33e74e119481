/**
 * What is behind BAR 0, as far as anybody looks: the registers of QEMU's `edu` device, and of `pci-testdev`, which reads as zeros until a
 * test is chosen. What they hold lasts: no reset clears it, so what it was before the case began is not known.
 *
 * Source: hw/misc/edu.c of QEMU 7.2; accesses that are not aligned, or narrower than 4 bytes, are nobody's (they read as zeros).
 * Left out: the factorial, DMA registers that are written by hand.
 */
import type { Model } from './facts.ts'

export interface Registers {
  readonly model: Model
  /** edu: what register 4 reads as. */
  readonly inverse: number | null
  /** edu: interrupts that nobody has acknowledged. */
  readonly irqStatus: number
  /** edu: it pulls its interrupt line. */
  readonly asserted: boolean
  /** testdev: somebody wrote to it. */
  readonly touched: boolean
}

export const fresh = (model: Model): Registers => ({
  model,
  inverse: null,
  irqStatus: 0,
  asserted: false,
  touched: false,
})

const at = {
  id: 0x00,
  inverse: 0x04,
  factorial: 0x08,
  status: 0x20,
  irqStatus: 0x24,
  setIrq: 0x60,
  clearIrq: 0x64,
  wide: 0x80,
}
const identification = 0x010000edn

const allOnes = (size: number): bigint => (1n << BigInt(8 * size)) - 1n

export function read({ model, inverse, touched }: Registers, offset: number, size: number): bigint | null {
  if (model === 'opaque') return null
  if (model === 'testdev') return touched ? null : 0n
  if (size < 4 || offset % size !== 0) return 0n
  if (offset < at.wide && size !== 4) return allOnes(size)
  if (offset === at.id) return identification
  if (offset === at.inverse) return inverse === null ? null : BigInt(inverse)
  if ([at.factorial, at.status, at.irqStatus].includes(offset)) return null
  const isDmaRegister = offset >= at.wide && offset < at.wide + 0x20 && offset % 8 === 0
  return isDmaRegister ? null : allOnes(size)
}

export interface Wrote {
  readonly registers: Registers
  /** The device sends an interrupt. */
  readonly interrupts: boolean
}

/** `messages` = it sends messages (MSI) and leaves its line alone. */
export function write(registers: Registers, { offset, size, value }: Store, messages: boolean): Wrote {
  const becomes = (changes: Partial<Registers>, interrupts = false): Wrote => ({
    registers: { ...registers, ...changes },
    interrupts,
  })
  if (registers.model === 'testdev') return becomes({ touched: true })
  if (registers.model === 'opaque' || size !== 4 || offset % 4 !== 0) return becomes({})
  const word = value === null ? null : Number(value & 0xffffffffn)
  if (offset === at.inverse) return becomes({ inverse: word === null ? null : ~word >>> 0 })
  if (offset === at.setIrq) {
    const irqStatus = (registers.irqStatus | (word ?? 0)) >>> 0
    return becomes({ irqStatus, asserted: registers.asserted || (irqStatus !== 0 && !messages) }, irqStatus !== 0)
  }
  if (offset === at.clearIrq) {
    const irqStatus = (registers.irqStatus & ~(word ?? 0)) >>> 0
    return becomes({ irqStatus, asserted: registers.asserted && (irqStatus !== 0 || messages) })
  }
  return becomes({})
}

export interface Store {
  readonly offset: number
  readonly size: number
  /** null = unknown. */
  readonly value: bigint | null
}

/** How a transfer of another device is cut into accesses: aligned, at most 8 bytes. */
export function accesses(
  offset: number,
  length: number,
): readonly { readonly offset: number; readonly size: number }[] {
  const all: { offset: number; size: number }[] = []
  for (let from = offset, end = offset + length; from < end;) {
    let size = 8
    while (from % size !== 0 || size > end - from) size /= 2
    all.push({ offset: from, size })
    from += size
  }
  return all
}
