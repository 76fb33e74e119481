/** The address of a run, copied badly. What is still accepted must be the very run that is written there. */
import { atDesk, type Outcome } from '../../cli/at-desk.ts'
import type { Attempt, Door } from '../attempt.ts'
import { slipIn, type Chance } from '../chance.ts'

/** An address of each kind: with choices, without a step, of a world that is not there. */
export const addressesOf = async (): Promise<readonly string[]> => {
  const told = await Promise.all(
    ['stale-dma', 'first-page-only', 'late-pin'].map((name) => atDesk(['explore', name, '--states', '300', '--quiet'])),
  )
  const found = told.flatMap(({ out }) => {
    const [, address] = /npx relock replay ((?:[^\n\\]|\\\n)*)/.exec(out) ?? []
    return address === undefined ? [] : [address.replaceAll('\\\n', '').replaceAll("'", '')]
  })
  if (found.length === 0) throw new Error('no search printed an address to begin with')
  return found
}

/** Subject and fingerprint as they stand, and the schedule without its shorthand. */
const meaningOf = (address: string): string => {
  const at = address.lastIndexOf(':')
  const steps = address
    .slice(at + 1)
    .split('.')
    .flatMap((part) => {
      const [choice = '', times = '1'] = part.split('x')
      return Array.from({ length: Number(times) }, () => choice)
    })
  const [scenario, ...choices] = address.slice(0, at).split('@')[0]!.split(',')
  return JSON.stringify([scenario, choices.toSorted(), address.slice(0, at).split('@').at(-1), steps])
}

const isThisRun = (address: string, { code, out }: Outcome): string | undefined => {
  if (code === 2) return undefined
  const { address: told } = JSON.parse(out) as { readonly address: string }
  return meaningOf(told) === meaningOf(address) ? undefined : `it is taken for ${told}`
}

export const addressesDoor = (addresses: readonly string[]): Door => ({
  name: 'addresses',
  attempt: (chance: Chance): Attempt => {
    let address = chance.pick(addresses)
    for (let slips = 1 + chance.upTo(2); slips > 0; slips--) address = slipIn(chance, address)
    return {
      said: `relock replay ${JSON.stringify(address)} --json`,
      ask: () => atDesk(['replay', address, '--json']),
      fits: (answer) => isThisRun(address, answer),
    }
  },
})
