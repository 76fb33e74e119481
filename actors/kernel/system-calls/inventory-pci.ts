/**
 * What the PCI functions of the recorded machine are (QEMU 7.2, q35). Facts of that machine, not of the kernel. Addresses of BARs and
 * other things that the firmware chose are given where they are known.
 */
import type { Bar, Capability, FunctionFacts } from '../../../machines/pci/function/facts.ts'
import { inventory } from './inventory.ts'

type Kind = Omit<FunctionFacts, 'id' | 'address' | 'group' | 'bars' | 'resets' | 'hasOwnBus' | 'headerType'>

const memory = (size: number, address: number | null = null): Bar => ({ kind: 'memory', size, address })
const io = (size: number, address: number | null = null): Bar => ({ kind: 'io', size, address })

const capability = (id: number, at: number, length: number, next: number | null, ...holds: number[]): Capability => ({
  id,
  at,
  length,
  holds: [id, next, ...holds],
})
const powerManagement = (at: number, next: number | null) => capability(1, at, 8, next)
const msi64 = (at: number, next: number | null) =>
  capability(5, at, 14, next, 0x80, ...Array.from({ length: 11 }, () => 0))
const express = (at: number, next: number | null) => capability(16, at, 60, next)
const msix = (at: number, next: number | null) => capability(17, at, 12, next)

const qemu = 0x11001af4

const conventional = {
  subsystem: qemu,
  rom: 0,
  isExpress: false,
  firstCapability: 0,
  capabilities: [],
  interruptPin: 1,
  vectors: { msi: 0, msix: 0 },
  msixTable: null,
}

const edu: Kind = {
  ...conventional,
  vendor: 0x1234,
  device: 0x11e8,
  revision: 0x10,
  classCode: 0x00ff00,
  firstCapability: 0x40,
  capabilities: [msi64(0x40, 0)],
  vectors: { msi: 1, msix: 0 },
  model: 'edu',
}

const testdev: Kind = {
  ...conventional,
  vendor: 0x1b36,
  device: 0x0005,
  revision: 0,
  classCode: 0x00ff00,
  interruptPin: 0,
  model: 'testdev',
}

const serial: Kind = {
  ...conventional,
  vendor: 0x1b36,
  device: 0x0002,
  revision: 1,
  classCode: 0x070002,
  model: 'opaque',
}

const nvme: Kind = {
  ...conventional,
  vendor: 0x1b36,
  device: 0x0010,
  revision: 2,
  classCode: 0x010802,
  isExpress: true,
  firstCapability: 0x40,
  capabilities: [msix(0x40, 0x80), powerManagement(0x60, 0), express(0x80, 0x60)],
  vectors: { msi: 0, msix: 65 },
  msixTable: { bar: 0, offset: 0x2000, size: 65 * 16 },
  model: 'opaque',
}

const e1000e: Kind = {
  ...conventional,
  vendor: 0x8086,
  device: 0x10d3,
  revision: 0,
  classCode: 0x020000,
  subsystem: null,
  rom: null,
  isExpress: true,
  firstCapability: null,
  capabilities: [powerManagement(0xc8, null), msi64(0xd0, null), express(0xe0, null), msix(0xa0, null)],
  vectors: { msi: 1, msix: 5 },
  msixTable: { bar: 3, offset: 0, size: 5 * 16 },
  model: 'opaque',
}

const mebi = 1 << 20
const kibi = 1 << 10

interface Place {
  readonly kind: Kind
  readonly bars: readonly (Bar | null)[]
  /** A port of its own, whose reset resets it. */
  readonly hasOwnBus?: true
  /** One function of several in a slot. */
  readonly shared?: true
}

const places: Readonly<Record<string, Place>> = {
  edu0: { kind: edu, bars: [memory(mebi, 0xfe200000)] },
  edu1: { kind: edu, bars: [memory(mebi, 0xfe300000)] },
  multi0: { kind: edu, bars: [memory(mebi, 0xfe400000)], shared: true },
  multi1: { kind: testdev, bars: [memory(4 * kibi, 0xfe500000), io(256, 0xd000)], shared: true },
  multi2: { kind: serial, bars: [io(8, 0xd160)], shared: true },
  edurp: { kind: edu, bars: [memory(mebi, 0xfe000000)], hasOwnBus: true },
  nvme0: { kind: nvme, bars: [{ ...memory(16 * kibi), is64: true }], hasOwnBus: true },
  nic0: { kind: e1000e, bars: [memory(128 * kibi), memory(128 * kibi), io(32), memory(16 * kibi)], hasOwnBus: true },
}

const sixOf = (bars: readonly (Bar | null)[]): readonly (Bar | null)[] =>
  Array.from({ length: 6 }, (_, index) => bars[index] ?? null)

/** A function is reset through its bus when it is alone on it; none of those that share the root bus has a reset of its own. */
export const functions: readonly FunctionFacts[] = inventory.flatMap(({ id, address, group, emulated }) => {
  if (emulated || address === null) return []
  const { kind, bars, hasOwnBus = false, shared = false } = places[id]!
  return [
    { ...kind, id, address, group, bars: sixOf(bars), headerType: shared ? null : 0, resets: hasOwnBus, hasOwnBus },
  ]
})
