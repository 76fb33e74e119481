/**
 * How a read or write of a device file is cut into accesses: at which place of which region, how wide, and under which lock.
 *
 * Source: Linux 6.1 vfio_pci_rw, vfio_pci_bar_rw, vfio_pci_core_do_io_rw, vfio_config_do_rw. Left out: VGA, the contents of a ROM.
 */
import * as config from './config-space.ts'
import { regions, regionShift, type FunctionFacts } from './facts.ts'

export interface Access {
  readonly offset: number
  readonly size: number
  /** What it takes of memory_lock. */
  readonly lock: 'DOWN_READ' | 'DOWN_WRITE' | null
  /** The MSI-X table: reads as ones, writes are dropped. */
  readonly isHole: boolean
}

export interface Planned {
  readonly region: number
  readonly accesses: readonly Access[]
}

export interface Transfer {
  /** Index of the region, and the place in it; too large a place is in another region. */
  readonly region: number
  readonly offset: bigint
  readonly size: number
  readonly write: boolean
}

export function plan(facts: FunctionFacts, { region: index, offset: from, size, write }: Transfer): Planned | string {
  const position = (BigInt(index) << regionShift) + from
  if (position >= 1n << 63n) return '-EINVAL'
  const region = Number(position >> regionShift)
  const offset = BigInt.asUintN(Number(regionShift), position)
  if (size === 0) return { region, accesses: [] }
  if (region === regions.config) return configAccesses(facts, offset, size, write)
  return barAccesses(facts, region, { offset, size })
}

function configAccesses(facts: FunctionFacts, offset: bigint, size: number, write: boolean): Planned | string {
  if (config.isOutside(facts, offset, size)) return '-EFAULT'
  const accesses = config.pieces(facts, Number(offset), size).map((piece) => {
    const lock = write && config.writesCommand(piece.offset) ? ('DOWN_WRITE' as const) : null
    return { ...piece, lock, isHole: false }
  })
  return { region: regions.config, accesses }
}

function barAccesses(
  { bars, msixTable }: FunctionFacts,
  region: number,
  { offset, size }: { readonly offset: bigint; readonly size: number },
): Planned | string {
  const bar = bars[region]
  if (!bar || offset >= BigInt(bar.size)) return '-EINVAL'
  const hole = msixTable?.bar === region ? msixTable : { offset: 0, size: 0 }
  const holeEnd = hole.offset + hole.size
  const end = Math.min(Number(offset) + size, bar.size)
  const accesses: Access[] = []
  for (let at = Number(offset); at < end;) {
    const isHole = at >= hole.offset && at < holeEnd
    const left = (at < hole.offset ? Math.min(end, hole.offset) : end) - at
    const wide = left >= 4 && at % 4 === 0 ? 4 : left >= 2 && at % 2 === 0 ? 2 : 1
    const width = isHole ? Math.min(end, holeEnd) - at : wide
    accesses.push({ offset: at, size: width, lock: bar.kind === 'memory' && !isHole ? 'DOWN_READ' : null, isHole })
    at += width
  }
  return { region, accesses }
}
