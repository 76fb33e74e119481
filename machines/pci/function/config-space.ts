/**
 * Configuration space as vfio-pci shows it: `phys` is what the function holds, `virt` the driver's copy, and for every bit of the header a
 * mask says which of them a read shows, and whether a write reaches anything.
 *
 * Source: Linux 6.1 drivers/vfio/pci/vfio_pci_config.c (init_pci_cap_basic_perm, vfio_default_config_write, vfio_bar_fixup,
 * vfio_msi_config_write, vfio_config_do_rw); which bits of the header a function implements: the emulated machine.
 * Left out: the insides of capabilities other than MSI, BARs restored after a reset behind the driver's back, virtual functions.
 */
import { bytesOf, type Byte } from './bytes.ts'
import { configSize, type Bar, type FunctionFacts } from './facts.ts'

/** By where they are; only those that are not what the machine came with. */
type Layer = Readonly<Record<number, Byte>>

export interface ConfigSpace {
  /** The header, as it is in the function. */
  readonly phys: readonly Byte[]
  /** The driver's copy of it, while the function is open. */
  readonly virt: readonly Byte[]
  /** Behind the header, what was written there. */
  readonly beyond: Layer
  /** What closing brings back. */
  readonly saved: readonly Byte[]
}

const headerSize = 64
const at = {
  command: 0x04,
  status: 0x06,
  cacheLine: 0x0c,
  bars: 0x10,
  rom: 0x30,
  capabilities: 0x34,
  interruptLine: 0x3c,
  interruptPin: 0x3d,
}
const command = { io: 0x1, memory: 0x2, master: 0x4, serr: 0x100, noIntx: 0x400 }
const hasCapabilities = 0x10
const msiId = 5
const msiFlags = 2
const msiEnable = 0x1
const msiQueueSize = 0x70

const masks = (ranges: readonly (readonly [from: number, to: number, mask: number])[]): readonly number[] => {
  const all = Array.from({ length: headerSize }, () => 0)
  for (const [from, to, mask] of ranges) all.fill(mask, from, to)
  return all
}

/** Bits that a read takes from the driver's copy. */
const isVirtual = masks([
  [0x00, 0x04, 0xff],
  [at.command + 1, at.command + 2, command.noIntx >> 8],
  [at.status, at.status + 1, hasCapabilities],
  [at.bars, at.bars + 24, 0xff],
  [at.rom, at.rom + 4, 0xff],
  [at.capabilities, at.capabilities + 1, 0xff],
  [at.interruptLine, at.interruptPin + 1, 0xff],
])

/** Bits that a write may reach. Latency timer and self-test too, but no function here implements them. */
const isWritable = masks([
  [at.command, at.command + 2, 0xff],
  [at.cacheLine, at.cacheLine + 1, 0xff],
  [at.bars, at.bars + 24, 0xff],
  [at.rom, at.rom + 4, 0xff],
  [at.interruptLine, at.interruptLine + 1, 0xff],
])

/** Bits that the functions implement. */
const isImplemented = masks([
  [at.command, at.command + 1, command.io | command.memory | command.master],
  [at.command + 1, at.command + 2, command.serr >> 8],
  [at.cacheLine, at.cacheLine + 1, 0xff],
])

const put = (bytes: readonly Byte[], offset: number, added: readonly Byte[]): readonly Byte[] =>
  bytes.toSpliced(offset, added.length, ...added)

const number = (value: number | null, size: number): readonly Byte[] =>
  bytesOf(value === null ? null : BigInt(value), size)

const flagsOf = ({ kind, is64 }: Bar): number => (kind === 'io' ? 0x1 : is64 ? 0x4 : 0x0)

/** As the firmware left it. */
function header(facts: FunctionFacts): readonly Byte[] {
  const { vendor, device, revision, classCode, headerType, subsystem, bars } = facts
  const fields: readonly (readonly [offset: number, bytes: readonly Byte[]])[] = [
    [0x00, number(vendor, 2)],
    [0x02, number(device, 2)],
    [at.command, number(command.io | command.memory | command.serr, 2)],
    [at.status, number(facts.firstCapability === 0 ? 0 : hasCapabilities, 2)],
    [0x08, number(revision, 1)],
    [0x09, number(classCode, 3)],
    [0x0e, number(headerType, 1)],
    [0x2c, number(subsystem, 4)],
    [at.rom, number(facts.rom === 0 ? 0 : null, 4)],
    [at.capabilities, number(facts.firstCapability, 1)],
    [at.interruptLine, [facts.interruptPin === 0 ? 0 : null]],
    [at.interruptPin, number(facts.interruptPin, 1)],
    ...bars.flatMap((bar, index) =>
      bar === null
        ? []
        : [[at.bars + 4 * index, number(bar.address === null ? null : bar.address | flagsOf(bar), 4)] as const],
    ),
  ]
  return fields.reduce<readonly Byte[]>(
    (bytes, [offset, added]) => put(bytes, offset, added),
    Array.from({ length: headerSize }, () => 0),
  )
}

export const fresh = (facts: FunctionFacts): ConfigSpace => ({ phys: header(facts), virt: [], beyond: {}, saved: [] })

const capabilityAt = ({ capabilities }: FunctionFacts, offset: number) =>
  capabilities.find((each) => offset >= each.at && offset < each.at + each.length)

/** Bits of the command register, which is always known. */
const commandOf = (bytes: readonly Byte[]): number => (bytes[at.command] ?? 0) | ((bytes[at.command + 1] ?? 0) << 8)

const withCommand = (bytes: readonly Byte[], value: number): readonly Byte[] => put(bytes, at.command, number(value, 2))

/** The user sees memory as enabled: what decides over every access to it through the driver. */
export const memoryEnabled = ({ virt }: ConfigSpace): boolean => (commandOf(virt) & command.memory) !== 0

/** The function answers to accesses to its memory. */
export const decodesMemory = ({ phys }: ConfigSpace): boolean => (commandOf(phys) & command.memory) !== 0

/** The function may access memory, and send messages. */
export const isMaster = ({ phys }: ConfigSpace): boolean => (commandOf(phys) & command.master) !== 0

export const intxDisabled = ({ virt }: ConfigSpace): boolean => (commandOf(virt) & command.noIntx) !== 0

/** The first descriptor: enabled, but not a bus master; that is the state that will come back. */
export function open(space: ConfigSpace, facts: FunctionFacts): ConfigSpace {
  const has = (kind: Bar['kind']): boolean => facts.bars.some((bar) => bar?.kind === kind)
  const enabled = (has('io') ? command.io : 0) | (has('memory') ? command.memory : 0)
  const phys = withCommand(space.phys, (commandOf(space.phys) & ~command.master) | enabled)
  return { phys, virt: phys, beyond: withoutMsi(space.beyond, facts), saved: phys }
}

/** The driver's copy of the MSI capability is made anew. */
const withoutMsi = (beyond: Layer, facts: FunctionFacts): Layer =>
  Object.fromEntries(Object.entries(beyond).filter(([offset]) => capabilityAt(facts, Number(offset))?.id !== msiId))

export const close = (space: ConfigSpace): ConfigSpace => ({ ...space, phys: space.saved, virt: [], saved: [] })

/** An access is made in pieces that lie in one dword and in one capability. */
export function pieces(
  facts: FunctionFacts,
  offset: number,
  count: number,
): readonly { readonly offset: number; readonly size: number }[] {
  const all: { offset: number; size: number }[] = []
  for (let from = offset, end = offset + count; from < end;) {
    let stop = from + 1
    while (stop < end && stop % 4 !== 0 && capabilityAt(facts, stop) === capabilityAt(facts, from)) stop++
    const left = stop - from
    const size = left >= 4 && from % 4 === 0 ? 4 : left >= 2 && from % 2 === 0 ? 2 : 1
    all.push({ offset: from, size })
    from += size
  }
  return all
}

/** This piece writes the command register: memory may come or go. */
export const writesCommand = (offset: number): boolean => offset === at.command

export const isOutside = (facts: FunctionFacts, offset: bigint, count: number): boolean =>
  offset + BigInt(count) > BigInt(configSize(facts)) || offset >= BigInt(configSize(facts))

/** What a BAR reads as: the bits of its address that can be written, and its kind. */
function shownBars(virt: readonly Byte[], { bars, rom }: FunctionFacts): readonly Byte[] {
  let shown = virt
  const show = (offset: number, mask: bigint, flags: number): void => {
    const bytes = shown.slice(offset, offset + 4).map((byte, index) => {
      const bits = Number((mask >> BigInt(8 * index)) & 0xffn)
      return bits === 0 ? 0 : byte === null ? null : byte & bits
    })
    bytes[0] = bytes[0] === null ? null : bytes[0]! | flags
    shown = put(shown, offset, bytes)
  }
  bars.forEach((bar, index) => {
    const offset = at.bars + 4 * index
    const isUpperHalf = bars[index - 1]?.is64 === true
    if (bar !== null) {
      const mask = BigInt.asUintN(64, ~(BigInt(bar.size) - 1n))
      show(offset, mask, flagsOf(bar))
      if (bar.is64) show(offset + 4, mask >> 32n, 0)
    } else if (!isUpperHalf) show(offset, 0n, 0)
  })
  if (rom === 0) show(at.rom, 0n, 0)
  return shown
}

export function read(space: ConfigSpace, facts: FunctionFacts, offset: number, size: number): readonly Byte[] {
  const virt = offset >= at.bars && offset < at.rom + 4 ? shownBars(space.virt, facts) : space.virt
  return Array.from({ length: size }, (_, index) => {
    const where = offset + index
    if (where >= headerSize) return byteBeyond(space, facts, where)
    const mask = isVirtual[where]!
    const [real, shown] = [space.phys[where]!, virt[where]!]
    if (mask === 0xff) return shown
    if (mask === 0) return real
    return real === null || shown === null ? null : (real & ~mask) | (shown & mask)
  })
}

function byteBeyond({ beyond }: ConfigSpace, facts: FunctionFacts, offset: number): Byte {
  const written = beyond[offset]
  if (written !== undefined) return written
  const capability = capabilityAt(facts, offset)
  if (capability) return capability.holds[offset - capability.at] ?? null
  return facts.firstCapability === null ? null : 0
}

/** One piece; `msiActive` = the driver has the function's MSI in use. */
export function write(
  space: ConfigSpace,
  facts: FunctionFacts,
  {
    offset,
    bytes,
    msiActive,
  }: { readonly offset: number; readonly bytes: readonly Byte[]; readonly msiActive: boolean },
): ConfigSpace {
  if (offset >= headerSize) return writeBeyond(space, facts, { offset, bytes, msiActive })
  const merge = (before: readonly Byte[], bits: (where: number) => number): readonly Byte[] =>
    put(
      before,
      offset,
      bytes.map((byte, index) => {
        const mask = bits(offset + index)
        const old = before[offset + index]!
        if (mask === 0) return old
        if (mask === 0xff) return byte
        return old === null || byte === null ? null : (old & ~mask) | (byte & mask)
      }),
    )
  const phys = merge(space.phys, (where) => isWritable[where]! & ~isVirtual[where]! & isImplemented[where]!)
  const virt = merge(space.virt, (where) => isWritable[where]! & isVirtual[where]!)
  if (!writesCommand(offset)) return { ...space, phys, virt }
  const kept = command.memory | command.io
  return { ...space, phys, virt: put(virt, offset, [(virt[offset]! & ~kept) | (bytes[0]! & kept)]) }
}

/** Nothing there: the function takes it. MSI: the driver's copy takes it. Other capabilities: nobody here knows. */
function writeBeyond(
  space: ConfigSpace,
  facts: FunctionFacts,
  {
    offset,
    bytes,
    msiActive,
  }: { readonly offset: number; readonly bytes: readonly Byte[]; readonly msiActive: boolean },
): ConfigSpace {
  const capability = capabilityAt(facts, offset)
  const beyond: Record<number, Byte> = { ...space.beyond }
  for (const [index, byte] of bytes.entries()) {
    const where = offset + index
    const within = capability ? where - capability.at : null
    if (within === null) beyond[where] = byte
    else if (within < 2) continue
    else if (capability!.id !== msiId) beyond[where] = null
    else if (within === msiFlags) beyond[where] = byte! & ~msiQueueSize & (msiActive ? 0xff : ~msiEnable)
    else if (within > msiFlags + 1) beyond[where] = byte
  }
  return { ...space, beyond }
}
