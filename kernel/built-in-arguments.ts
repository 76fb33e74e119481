/**
 * What the procedures that a world has are called with. Their machines take what they are asked with for granted, as those do that relock's own
 * charts speak to; who calls them from outside is told what does not fit.
 */
import { insist } from '../shapes/insist.ts'
import { atLeast, listOf, name, oneOf, optional, record, that, type Shape } from '../shapes/shape.ts'
import type { Locals } from './step.ts'

const address = that<bigint>('an address or a size, as a bigint: 0x5000n', (given) => typeof given === 'bigint')
const range = { iova: address, size: address }

/** By the last part of a name: of `mdev0.dma_unmap` too. */
const known: Readonly<Record<string, Shape<any>>> = {
  pin: record({ device: name('the name of a device'), iova: address, prot: oneOf(['r', 'w', 'rw']) }),
  unpin: record({ device: name('the name of a device'), iovas: listOf('addresses, as bigints: [0x5000n]', address) }),
  unmap: atLeast(range, 'what is unmapped: { iova, size }'),
  notify: atLeast(range, 'what goes away: { iova, size }'),
  dma_unmap: atLeast(range, 'what goes away: { iova, size }'),
}

/** Of any other call: what is called so is an address everywhere. */
const others = atLeast<Partial<Record<'iova' | 'size' | 'vaddr', bigint>>>(
  { iova: optional(address), size: optional(address), vaddr: optional(address) },
  'arguments by name: { iova, size }',
)

/** The arguments, or a ModelError that names the procedure, the call and what was expected. `site`: the procedure that calls. */
export function mustFitBuiltIn(site: string, builtIn: string, args: Locals): Locals {
  insist(known[builtIn.split('.').at(-1)!] ?? others, args, `Procedure ${site}: builtIn('${builtIn}')`, ['with'])
  return args
}
