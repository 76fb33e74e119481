/** A process of XState actors as a system that the checker explores: one component, to which something comes from outside. */
import { createHash } from 'node:crypto'
import type { AnyActorLogic } from 'xstate'
import { isRight } from '../explore/shapes.ts'
import type { Component, Message, Outcome, Shown, System } from '../explore/system.ts'
import type { Outside } from './describe.ts'
import { ForEver } from './for-ever.ts'
import { grantedIn } from './granted.ts'
import { growthIn, growthRemark, growthTitle, type Growth } from './growth.ts'
import { isMachine, running, type Live } from './inside.ts'
import { changing, Judge } from './judge.ts'
import { insistOnNames } from './meant.ts'
import { ownName } from './names.ts'
import { mostInFlight } from './network.ts'
import { onlyApart } from './only-apart.ts'
import type { Coming } from './offers.ts'
import { Process, type Taken } from './process.ts'
import { numbered } from './quick/numbered.ts'
import { Single } from './quick/single.ts'
import { Touches } from './quick/touches.ts'
import { insistOnDescription } from './rules.ts'
import { plain, shownSnapshot } from './shown.ts'
import { notStarted, type State } from './state.ts'
import { starting, toldBy } from './told.ts'
import { unmetIn } from './unmet.ts'
import { viewIn } from './view-in.ts'
import { watchedBy, type ActorsView } from './view.ts'

/** So many steps are taken twice, and then one in so many: whether a step is the same step again. */
const twiceFirst = 2048
const twiceOneIn = 16

export interface ActorSystem extends System<ActorsView> {
  readonly process: Process
}

/** What can be explored of a machine and what may come to it from outside. */
export const systemOf = (logic: AnyActorLogic, outside: Outside): ActorSystem => {
  insistOnDescription(logic, outside)
  const monitored = watchedBy(outside.properties ?? [])
  insistOnNames(logic, outside, monitored)
  const touches = new Touches()
  const process = new Process(logic, outside, monitored, touches)
  const id = ownName(process.root)
  const judge = new Judge(process, logic, outside)
  let confirmed = 0
  // Over numbers nobody writes down who was there and what was called; but then there is one machine only, whose names are known.
  let isWatched = true
  let last: Taken | undefined
  // In a process of its own: what is done there is nothing that this one has done.
  let growth: readonly Growth[] | undefined
  const growing = (): readonly Growth[] => (growth ??= growthIn(new Process(logic, outside)))
  const forEver = new ForEver(process, outside)
  const begun = { ...process.begun, findings: [...process.begun.findings, ...forEver.atTheStart()] }
  // What is wrong with the start itself is shown by a run of one step; where nothing is, it is not worth one.
  const unstarted = begun.findings.length > 0 ? { ...begun.state, key: notStarted, stuck: [] } : undefined
  const offers = (state: State): readonly Coming[] => (state === unstarted ? [starting] : process.offers(state))
  const component: Component<State> = {
    id,
    initial: unstarted ?? begun.state,
    accepts: (state, message) => offers(state).some((each) => isSame(each, message)),
    offers: (state) => offers(state).map(({ from, type }) => ({ from, type })),
    receive(state, message) {
      last = state === unstarted ? begun : process.take(state, message)!
      forEver.hear(state, message, last)
      return outcomeOf(last)
    },
    confirm(state, message) {
      if (state === unstarted) return outcomeOf(begun)
      const taken = last!
      judge.hear(state, message, taken)
      if (!isTurn(++confirmed, twiceFirst, twiceOneIn)) return outcomeOf(taken)
      const again = process.take(state, message)!
      if (again.state.key !== taken.state.key)
        throw changing(`${message.from} ${message.type}`, ...differing(taken.state.key, again.state.key))
      return outcomeOf(again)
    },
    key: ({ key }) => key,
    show: shown,
  }
  return isRight({
    name: outside.name ?? id,
    fingerprint: fingerprintOf(logic, outside, process.begun),
    components: [component],
    start: [],
    process,
    tell: (run) => toldBy(process, run, outside.properties ?? []),
    forEver: () => forEver,
    endless: () =>
      growing().map((each) => ({
        finding: { kind: 'growth', title: growthTitle(each), fatal: false },
        schedule: [...(unstarted ? [0] : []), ...each.schedule],
        isShortest: each.isShortest,
      })),
    *numbered() {
      // The start is a step only where something is wrong with it.
      if (unstarted) return
      for (const each of numbered({ process, judge, touches, logic, outside, monitored })) {
        isWatched = !(each instanceof Single)
        yield each
      }
      isWatched = true
    },
    besides: (report, isKept = false) => ({
      coverage: process.watch.coverage.report(),
      remarks: [
        ...(isWithoutInput(begun, outside)
          ? [`${id} fails at the start, and was given no input. If it needs one: system(machine, { input: … }).`]
          : []),
        ...(outside.semantics === 'network'
          ? onlyApart(report, () => systemOf(logic, under('process', outside)), outside.properties ?? [])
          : []),
        ...grantedIn(report, outside, process.watch.met, logic),
        ...process.watch.coverage.unresolved(),
        ...(!isMachine(logic) && isWithoutEvents(process, outside) ? [withoutEventsWords(id)] : []),
        ...(process.heldBack ? [heldBackWords(outside)] : []),
        ...(report.exhaustive ? process.watch.coverage.neverFinal() : []),
        ...(report.exhaustive || report.stopped?.by === 'endless' ? [] : growing().map(growthRemark)),
        ...(report.exhaustive && !isKept ? process.asked.remarks() : []),
        ...(report.exhaustive && isWatched ? unmetIn(outside, process.watch.met) : []),
      ],
    }),
    view: (read) => viewIn(process, read(id) as State),
  })
}

/** Where two texts begin to differ, with the record that this is in. */
const differing = (one: string, other: string): readonly [string, string] => {
  let at = 0
  while (one[at] === other[at] && at < one.length) at++
  const from = Math.max(one.lastIndexOf('{', at), at - 60)
  return [one.slice(from, from + 60), other.slice(from, from + 60)]
}

/** The same actors in one process, or apart. What may go wrong on lanes is nobody's business in one process. */
export const under = (semantics: 'process' | 'network', outside: Outside): Outside => {
  const isFor = (field: string): boolean => semantics === 'network' || (field !== 'lanes' && field !== 'inFlight')
  return { ...Object.fromEntries(Object.entries(outside).filter(([field]) => isFor(field))), semantics }
}

const heldBackWords = ({ inFlight = mostInFlight }: Outside): string =>
  `Nothing was let in from outside while ${inFlight} events were on their way on one lane (inFlight).`

/** It goes on, and nobody has said what comes: a reducer does not name its events. */
const isWithoutEvents = (process: Process, { events }: Outside): boolean =>
  events === undefined &&
  process.begun.state.held[0]!.status === running &&
  process.offers(process.begun.state).length === 0

const withoutEventsWords = (id: string): string =>
  `Nothing was tried: nobody has said what comes to ${id} from outside. Say so: system(…, { events: [ … ] }).`

/** What fails at the start may lack its input. */
const isWithoutInput = ({ state }: Taken, { input }: Outside): boolean =>
  state.held[0]!.snapshot.status === 'error' && input === undefined

const isTurn = (count: number, first: number, oneIn: number): boolean => count <= first || count % oneIn === 0

const isSame = (one: Coming, other: Message): boolean => one.from === other.from && one.type === other.type

const outcomeOf = ({ state, findings, ignored }: Taken): Outcome<State> => ({
  local: state,
  sends: [],
  findings,
  notes: [],
  ignored,
})

/** The root, and whoever else is alive, under his name. */
const shown = (state: State): Shown => {
  const { of: process } = state
  const names = process.names(state)
  const name = (actor: Live): string => names.get(actor) ?? ownName(actor)
  const others = [...names].flatMap(([actor, called]) =>
    actor === process.root ? [] : [[called, told(shownSnapshot(actor._snapshot, name))] as const],
  )
  const root = shownSnapshot(process.root._snapshot, name)
  return { state: root.state, data: { ...root.data, ...Object.fromEntries(others) } }
}

const told = ({ state, data }: Shown): object => ({ state, ...data })

/** Twelve hex digits that change with the chart, what comes from outside and where it begins; not with what functions do. */
const fingerprintOf = (logic: AnyActorLogic, outside: Outside, { state }: Taken): string => {
  const { events, answers, clock, pure, ignores, listeners, semantics, lanes, inFlight } = outside
  const chart: unknown = 'config' in logic ? logic.config : undefined
  const apart = semantics === 'network' ? [semantics, lanes, inFlight] : []
  const waiting = listeners ? [{ listeners }] : []
  const parts = [chart, events, answers, clock, pure, ignores, ...waiting, ...apart].map((each) =>
    plain(each, () => 'an actor'),
  )
  return createHash('sha256')
    .update(JSON.stringify([parts, shown(state)], written))
    .digest('hex')
    .slice(0, 12)
}

const written = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)
