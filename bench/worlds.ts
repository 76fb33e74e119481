/**
 * The worlds that are measured: U unmappers, P vendor drivers with one worker each, M mappings of a page, R rounds.
 *
 * As in the model of `promela/unmap.pml`: with DET=0 a pinner chooses freely, each round, which mapping it pins and whether it keeps the page; with
 * DET=1 driver p pins mapping p % M and keeps it, with DET=2 it pins, then unpins.
 */
import { linux } from '../actors/kernel/linux.ts'
import { choose, times, type Part } from '../actors/scripts/script.ts'
import { pin, unmap, unpin, type Call } from '../actors/kernel/unmap/describe.ts'
import type { Protocol } from '../actors/kernel/unmap/protocol-names.ts'
import type { LinuxView } from '../actors/kernel/view.ts'
import type { World } from '../actors/world/world.ts'

export interface Size {
  readonly unmappers: number
  readonly pinners: number
  readonly mappings: number
  readonly rounds: number
}

const page = 0x1000

/** `2.3.1.2`: U.P.M.R. */
export function sizeOf(text: string): Size {
  const [unmappers, pinners, mappings, rounds] = text.split('.').map(Number)
  if (![unmappers, pinners, mappings, rounds].every((each) => Number.isInteger(each) && each! > 0)) {
    throw new RangeError(`"${text}" is not a size: four numbers U.P.M.R are, such as 2.2.1.1`)
  }
  return { unmappers: unmappers!, pinners: pinners!, mappings: mappings!, rounds: rounds! }
}

/** `retryBound` 100 is never reached, so that the whole of a protocol is explored. */
export function unmapWorld(
  unmapProtocol: Protocol,
  size: Size,
  det: 0 | 1 | 2 = 1,
  retryBound = 100,
): World<LinuxView> {
  const drivers = count(size.pinners).map((number) => `mdev${number}`)
  const addressFor = (driver: number) => page * (1 + (driver % size.mappings))
  const any = (device: string, iova: number): Part<Call>[] => [pin(device, iova), choose([], unpin(device, iova))]
  const round = (device: string, driver: number): Part<Call>[] => {
    if (det === 0) return oneOf(count(size.mappings).map((mapping) => any(device, addressFor(mapping))))
    const iova = addressFor(driver)
    return det === 1 ? [pin(device, iova)] : [pin(device, iova), unpin(device, iova)]
  }
  return linux({
    unmap: { protocol: unmapProtocol, retryBound },
    remember: false,
    containers: {
      container0: {
        mappings: count(size.mappings).map((number) => ({ iova: page * (1 + number), size: page })),
        groups: {
          group26: { devices: Object.fromEntries(drivers.map((id) => [id, { driver: 'unpins-all' as const }])) },
        },
      },
    },
    tasks: {
      ...Object.fromEntries(
        count(size.unmappers).map((number) => [`vmm${number}`, [unmap(page, page * size.mappings)]]),
      ),
      ...Object.fromEntries(drivers.map((id, number) => [`worker${number}`, times(size.rounds, ...round(id, number))])),
    },
  })
}

/** Where there is one way only, nobody chooses. */
const oneOf = (ways: readonly Part<Call>[][]): Part<Call>[] => (ways.length === 1 ? ways[0]! : [choose(...ways)])

const count = (many: number): number[] => [...Array(many).keys()]
