/** What a PCI function is, before anybody does anything with it: facts of the machine it sits in. */
import type { Byte } from './bytes.ts'

export interface Bar {
  readonly kind: 'memory' | 'io'
  readonly size: number
  /** Where the firmware put it; null when that is not known. */
  readonly address: number | null
  /** Takes two of the six. */
  readonly is64?: true
}

export interface Capability {
  readonly id: number
  readonly at: number
  readonly length: number
  /** What it begins with; the rest is not known. */
  readonly holds: readonly Byte[]
}

/** What is behind the registers in BAR 0. */
export type Model = 'edu' | 'testdev' | 'opaque'

export interface FunctionFacts {
  readonly id: string
  /** domain:bus:slot.function */
  readonly address: string
  readonly group: string
  readonly vendor: number
  readonly device: number
  readonly revision: number
  /** Class, subclass, interface. */
  readonly classCode: number
  readonly headerType: number | null
  readonly subsystem: number | null
  /** Six of them; null = not there (or the upper half of one with 64 bits). */
  readonly bars: readonly (Bar | null)[]
  /** Bytes of the expansion ROM; null when it is not known whether there is one. */
  readonly rom: number | null
  readonly isExpress: boolean
  /** null when the chain is not known. */
  readonly firstCapability: number | null
  readonly capabilities: readonly Capability[]
  readonly interruptPin: number
  readonly vectors: { readonly msi: number; readonly msix: number }
  readonly msixTable: { readonly bar: number; readonly offset: number; readonly size: number } | null
  /** There is a way to reset it alone. */
  readonly resets: boolean
  /** Alone behind a port, which can reset what is behind it. */
  readonly hasOwnBus: boolean
  readonly model: Model
}

/** The regions of a device file, as vfio-pci numbers them; the first six are the BARs. */
export const regions = { rom: 6, config: 7, vga: 8, count: 9 }

/** Each region has 2^40 bytes of the file for itself. */
export const regionShift = 40n

export const irqs = { intx: 0, msi: 1, msix: 2, err: 3, req: 4, count: 5 }

export const configSize = ({ isExpress }: FunctionFacts): number => (isExpress ? 4096 : 256)

export const irqCount = ({ interruptPin, vectors, isExpress }: FunctionFacts, index: number): number => {
  if (index === irqs.intx) return interruptPin === 0 ? 0 : 1
  if (index === irqs.msi) return vectors.msi
  if (index === irqs.msix) return vectors.msix
  if (index === irqs.err) return isExpress ? 1 : 0
  return index === irqs.req ? 1 : 0
}

const pageBytes = 4096

/** vfio_pci_probe_mmaps: memory of a page at least. A smaller one has its page for itself nowhere here. */
export const canMap = ({ kind, size }: Bar): boolean => kind === 'memory' && size >= pageBytes
