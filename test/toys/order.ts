/** What an order says, as plainly as possible: of each two names, how often each has come; that is all that is remembered. */
import type { System } from '../../explore/system.ts'
import { initial, take, takeable, type State } from './meaning.ts'

/** `from → to TYPE`, or `from → to TYPE #2`. */
export type Two = readonly [first: string, then: string]
/** By two: done, or how often the first and the other have come. */
export type Came = readonly ('done' | readonly [firsts: number, thens: number])[]

const parted = (name: string): readonly [string, number] => {
  const [step, nth = '1'] = name.split(' #')
  return [step!, Number(nth)]
}

const nameOf = (state: State, lane: string): string => `${lane} ${state.lanes.get(lane)![0]!.message.type}`

export const noneCame = (order: readonly Two[]): Came => order.map(() => [0, 0])

/** Taking what is on this lane would be out of order. */
export const isOutOfOrder = (order: readonly Two[], came: Came, state: State, lane: string): boolean =>
  order.some(([, then], at) => {
    const [name, nth] = parted(then)
    const kept = came[at]!
    return kept !== 'done' && name === nameOf(state, lane) && kept[1] === nth - 1
  })

export const alsoCame = (order: readonly Two[], came: Came, state: State, lane: string): Came =>
  order.map(([first, then], at) => {
    const kept = came[at]!
    if (kept === 'done') return kept
    const [[one, ones], [other, others]] = [parted(first), parted(then)]
    const name = nameOf(state, lane)
    const firsts = kept[0] + Number(name === one)
    return firsts === ones ? 'done' : [firsts, Math.min(others - 1, kept[1] + Number(name === other))]
  })

/** Names of steps that runs really take, by the number of runs that go whichever way these numbers say. */
export function namesIn(system: System<any>, numbers: readonly number[], most = 60): readonly string[] {
  const names: string[] = []
  let state = initial(system)
  for (let step = 0; step < most; step++) {
    const lanes = takeable(system, state)
    if (lanes.length === 0) break
    const lane = lanes[numbers[step % numbers.length]! % lanes.length]!
    names.push(nameOf(state, lane))
    const taken = take(system, state, lane)
    if (taken.crashed) break
    state = taken.state
  }
  return names
}
