/** What may come from outside in one state, under the names that schedules have. */
import type { AnyEventObject } from 'xstate'
import { brief } from '../explore/states/canonical.ts'
import type { Message } from '../explore/system.ts'
import type { Live } from './inside.ts'
import type { Fate, Faults, Flight, Network } from './network.ts'
import type { Answer } from './outside.ts'
import type { Timer } from './timers.ts'
import type { Sent } from './users.ts'

/** Something that may come from outside; its type says what is in it: `PAY {"amount":5}`. */
export type Coming = Pick<Message, 'from' | 'type'>

export interface Offer extends Coming {
  /** The event, or what the answer is. */
  readonly value: unknown
  /** What it is to these actors. */
  readonly come: (to: Actors) => void
  /** The same, to those that are held, and counted. */
  readonly take: () => void
}

/** Actors in the state in which something is offered: the held ones, or others that were brought there. */
export interface Actors {
  readonly root: Live
  /** By the name that a report gives it. */
  named(name: string): Live
  /** A timer by its place among those that are armed. */
  fire(at: number): void
  /** What is on its way from one to another, by its place on that lane. */
  fly(fate: Fate, from: string, to: string, place: number): void
}

/** What may come of an actor. */
export interface MayAnswer {
  /** How often at most; Infinity where nobody has said so. */
  readonly times: number
  readonly all: readonly Answer[]
}

export interface Openings {
  readonly root: Live
  readonly names: ReadonlyMap<Live, string>
  readonly keyed: ReadonlyMap<string, Live>
  readonly isAlive: (actor: Live) => boolean
  /** What users may send, and how often each was sent. */
  readonly sendings: readonly Sent[]
  readonly sent: readonly number[]
  readonly onSent: (at: number) => void
  readonly answers: (actor: Live) => MayAnswer
  /** How often an actor has answered, where that is counted. */
  readonly given: (actor: Live) => number
  readonly onGiven: (actor: Live) => void
  /** Those that may fire. */
  readonly timers: readonly Timer[]
  readonly fire: (timer: Timer) => void
  /** `network` only, and how many may be on one lane. */
  readonly network: Network | undefined
  readonly inFlight: number
  readonly onHeldBack: () => void
  readonly onFate: (fate: Fate, flight: Flight) => void
}

export const offersIn = (openings: Openings): readonly Offer[] => {
  const { network, inFlight, onHeldBack } = openings
  const fromOutside = outsideOffers(openings)
  if (!network) return distinct(fromOutside)
  const onTheWay = flightsIn(openings, network)
  if (!network.isFull(inFlight)) return distinct([...fromOutside, ...onTheWay])
  if (fromOutside.length > 0) onHeldBack()
  return distinct(onTheWay)
}

/** What may come from outside, whatever is on its way. */
export const outsideOffers = (openings: Openings): readonly Offer[] =>
  distinct([...fromUsers(openings), ...answersIn(openings), ...timersIn(openings)])

/** By `systemId`, else by the name that it has in a report; without a name the root. */
export const addressed = (to: string | undefined, { root, names, keyed, isAlive }: Openings): Live | undefined => {
  if (to === undefined) return root
  const known = keyed.get(to)
  if (known) return known
  for (const [actor, name] of names) if (name === to && isAlive(actor)) return actor
  return undefined
}

const fromUsers = (openings: Openings): readonly Offer[] => {
  const { sendings, sent, onSent, root, names } = openings
  return sendings.flatMap(({ event, times, to }, at) => {
    const target = addressed(to, openings)
    if (!target || sent[at]! >= times) return []
    const name = names.get(target)!
    const come = (to: Actors) => (target === root ? to.root : to.named(name)).send(event)
    const take = () => {
      if (Number.isFinite(times)) onSent(at)
      come(held(openings))
    }
    const type = target === root ? worded(event) : `${worded(event)} to ${name}`
    return [{ from: 'user', type, value: event, come, take }]
  })
}

export const answersIn = (openings: Openings): readonly Offer[] => {
  const { names, isAlive, answers, given, onGiven } = openings
  return [...names].flatMap(([actor, name]) => {
    if (!isAlive(actor) || actor._snapshot.status !== 'active') return []
    const { times, all } = answers(actor)
    return all.flatMap((answer) => {
      const { verb, counts, value } = answer
      if (counts && given(actor) >= times) return []
      const come = (to: Actors) => answer.give(to.named(name))
      const take = () => {
        if (counts && Number.isFinite(times)) onGiven(actor)
        come(held(openings))
      }
      return [{ from: name, type: 'value' in answer ? `${verb} ${wordedValue(value)}` : verb, value, come, take }]
    })
  })
}

const timersIn = (openings: Openings): readonly Offer[] =>
  openings.timers.map((timer, at) => {
    const come = (to: Actors) => to.fire(at)
    return {
      from: 'clock',
      type:
        worded(timer.event).replace(/^xstate\.after\.(.*?)\.(.*)$/, `after $1 in $2`) + forWhom(timer, openings.names),
      value: timer.event,
      come,
      take: () => come(held(openings)),
    }
  })

const fates = { arrives: '', doubled: ', and again', lost: ' is lost' } as const

const flightsIn = (openings: Openings, network: Network): readonly Offer[] => {
  const { names, onFate } = openings
  return network.lanes().flatMap((lane) => {
    const [from, to] = [names.get(lane[0]!.source)!, names.get(lane[0]!.target)!]
    return passagesOf(network, lane, to).map(({ fate, place, type }) => {
      const flight = lane[place]!
      const come = (there: Actors) => there.fly(fate, from, to, place)
      const take = () => {
        onFate(fate, flight)
        come(held(openings))
      }
      return { from, type, value: flight.event, come, take }
    })
  })
}

/** What may become of what is on one lane: which of it, and as a schedule has it. */
export const passagesOf = (network: Network, lane: readonly Flight[], to: string, faults: Faults = network.faults) =>
  lane.flatMap((flight, place) =>
    (['arrives', 'doubled', 'lost'] as const).flatMap((fate) =>
      network.mayBe(fate, flight, place, faults)
        ? [{ fate, place, type: `${worded(flight.event)} → ${to}${fates[fate]}` }]
        : [],
    ),
  )

/** On the lane between these two. */
export const flightAt = (
  network: Network,
  nameOf: (actor: Live) => string | undefined,
  [from, to, place]: readonly [from: string, to: string, place: number],
): Flight => network.lanes().find(([first]) => nameOf(first!.source) === from && nameOf(first!.target) === to)![place]!

/** The actors that are held themselves. */
const held = ({ root, names, timers, fire, network }: Openings): Actors => ({
  root,
  named: (name) => [...names].find(([, each]) => each === name)![0],
  fire(at) {
    const timer = timers[at]!
    fire(timer)
    timer.source.system._relay(timer.source, timer.target, timer.event)
  },
  fly: (fate, ...lane) =>
    network!.meetFate(
      fate,
      flightAt(network!, (actor) => names.get(actor), lane),
    ),
})

const forWhom = ({ target, event }: Timer, names: ReadonlyMap<Live, string>): string =>
  event.type.startsWith('xstate.after.') ? '' : ` to ${names.get(target) ?? 'nobody'}`

/** Two that would read the same are numbered. */
export const distinct = <Each extends Coming>(offers: readonly Each[]): readonly Each[] => {
  const met = new Map<string, number>()
  return offers.map((offer) => {
    const name = `${offer.from}\n${offer.type}`
    const number = (met.get(name) ?? 0) + 1
    met.set(name, number)
    return number === 1 ? offer : { ...offer, type: `${offer.type} #${number}` }
  })
}

/** An event as it is read: its type, and what else is in it. */
export const worded = ({ type, ...rest }: AnyEventObject): string =>
  Object.keys(rest).length === 0 ? type : `${type} ${wordedValue(rest)}`

const wordedValue = (value: unknown): string => (value instanceof Error ? `"${value.message}"` : brief(value))
