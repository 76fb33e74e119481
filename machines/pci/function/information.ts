/**
 * What vfio-pci says of a function: VFIO_DEVICE_GET_INFO, GET_REGION_INFO, GET_IRQ_INFO, GET_PCI_HOT_RESET_INFO. It follows from what
 * the function is; nothing that happens to it changes it.
 *
 * Source: Linux 6.1 drivers/vfio/pci/vfio_pci_core.c. Left out: zPCI capabilities, VGA, device-specific regions.
 */
import { firstFailing } from '../../kernel/checks.ts'
import { canMap, configSize, irqCount, irqs, regions, regionShift, type FunctionFacts } from './facts.ts'

interface Asked {
  readonly argsz: number
  readonly index?: number
  /** Of the kernel. */
  readonly addsMsixVectors: boolean
}

/** What a call returns, and the fields of the structure it filled in. */
type Answer = Readonly<Record<string, unknown>> & { readonly ret: number | string }

type Informs = (facts: FunctionFacts, asked: Asked) => Answer

const deviceFlags = { reset: 0x1, pci: 0x2 }

const deviceInfo: Informs = ({ resets }, { argsz }) => {
  const minimum = 16
  if (argsz < minimum) return { ret: '-EINVAL' }
  const flags = deviceFlags.pci | (resets ? deviceFlags.reset : 0)
  return { ret: 0, flags, num_regions: regions.count, num_irqs: irqs.count }
}

const regionFlags = { read: 0x1, write: 0x2, mmap: 0x4, caps: 0x8 }

interface Region {
  readonly size: bigint
  readonly flags: number
  /** Bytes that the capabilities behind the structure take. */
  readonly caps: number
}

/** VFIO_REGION_INFO_CAP_MSIX_MAPPABLE: a header and nothing else. */
const msixMappable = 8

function regionOf(facts: FunctionFacts, index: number): Region {
  const { bars, rom, msixTable } = facts
  const readWrite = regionFlags.read | regionFlags.write
  if (index === regions.config) return { size: BigInt(configSize(facts)), flags: readWrite, caps: 0 }
  if (index === regions.rom) return { size: BigInt(rom ?? 0), flags: rom === 0 ? 0 : regionFlags.read, caps: 0 }
  const bar = bars[index]
  if (!bar) return { size: 0n, flags: 0, caps: 0 }
  if (!canMap(bar)) return { size: BigInt(bar.size), flags: readWrite, caps: 0 }
  const caps = msixTable?.bar === index ? msixMappable : 0
  const flags = readWrite | regionFlags.mmap | (caps > 0 ? regionFlags.caps : 0)
  return { size: BigInt(bar.size), flags, caps }
}

const regionInfo: Informs = (facts, { argsz, index = 0 }) => {
  const minimum = 32
  const failed = firstFailing([
    [argsz < minimum, '-EINVAL'],
    [index > regions.config, '-EINVAL'],
  ])
  if (failed !== undefined) return { ret: failed }
  const { size, flags, caps } = regionOf(facts, index)
  const fits = argsz >= minimum + caps
  return {
    ret: 0,
    argsz: fits ? argsz : minimum + caps,
    flags,
    size,
    offset: BigInt(index) << regionShift,
    cap_offset: caps > 0 && fits ? minimum : 0,
    ...(index === regions.rom && facts.rom === null && { unknown: ['size', 'flags'] }),
  }
}

const irqFlags = { eventfd: 0x1, maskable: 0x2, automasked: 0x4, noresize: 0x8 }

const irqInfo: Informs = (facts, { argsz, index = 0, addsMsixVectors }) => {
  const minimum = 16
  const failed = firstFailing([
    [argsz < minimum, '-EINVAL'],
    [index >= irqs.count, '-EINVAL'],
    [index === irqs.err && !facts.isExpress, '-EINVAL'],
  ])
  if (failed !== undefined) return { ret: failed }
  const grows = index === irqs.msix && addsMsixVectors && facts.vectors.msix > 0
  const isFixed = index !== irqs.intx && !grows
  const kind = index === irqs.intx ? irqFlags.maskable | irqFlags.automasked : 0
  const flags = irqFlags.eventfd | kind | (isFixed ? irqFlags.noresize : 0)
  return { ret: 0, flags, count: irqCount(facts, index) }
}

/** Everything on a bus of its own is one function here. */
const onBus = 1

const hotResetInfo: Informs = ({ hasOwnBus }, { argsz }) => {
  const minimum = 12
  const dependentDevice = 8
  const failed = firstFailing([
    [argsz < minimum, '-EINVAL'],
    [!hasOwnBus, '-ENODEV'],
  ])
  if (failed !== undefined) return { ret: failed }
  return { ret: argsz < minimum + onBus * dependentDevice ? '-ENOSPC' : 0, count: onBus }
}

export const informs = {
  device_info: deviceInfo,
  region_info: regionInfo,
  irq_info: irqInfo,
  hot_reset_info: hotResetInfo,
} as const
