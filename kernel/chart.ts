/**
 * A procedure's statechart while it is made: one state a step, named as the step is, so that its picture can be read. Everything in it has a
 * name; what the names stand for are functions of the locals, guarded so that a slip in one is told with its place.
 */
import { assign, emit, setup, type AnyStateMachine } from 'xstate'
import { deepFreeze } from '../explore/states/canonical.ts'
import type { ModelError } from '../explore/errors.ts'
import type { Said } from '../machines/say.ts'
import { insist } from '../shapes/insist.ts'
import {
  argumentsOf,
  calling,
  changingOf,
  contextIn,
  questionOf,
  returningOf,
  runningOf,
  wrongIn,
  type CallContext,
  type Now,
} from './actions.ts'
import { inTask, type Effect } from './context.ts'
import {
  endlessIn,
  leads,
  oneAfterTheOther,
  reachedFrom,
  targeted,
  type Connect,
  type State,
  type Transition,
} from './fragments.ts'
import { onAnswer } from './answers.ts'
import { ChartParts } from './chart-parts.ts'
import { Scope } from './scope.ts'
import { visitsOf, type Flow, type Visit } from './guards.ts'
import { stepsShape } from './shapes.ts'
import type { Deferred, Used } from './object.ts'
import type { Struct } from './pointer.ts'
import type { Asking, Fragment, Locals, Path, Step, Then } from './step.ts'
import type { Waits } from './turn.ts'
import { toChooseFrom } from '../shapes/nearest.ts'

const idle = 'idle'
/** Where the kernel has stopped. */
const oops = 'oops'

/** States that ask nobody: they are passed through in the step that comes to them. */
export class Chart {
  readonly name: string
  /** Members of structs that are used in a manner which they have to be made for. */
  readonly manners: Used[] = []
  /** Somewhere in it the context of the thread changes. */
  changesContext: boolean
  /** What members of structs are told to have done later. */
  readonly defers: Deferred[] = []
  readonly #locals: Locals
  readonly #scope: Scope
  readonly #parts = new ChartParts(idle, oops)
  /** What is asked in a state. */
  readonly #asked = new Map<string, Pick<Visit, 'at' | 'type' | 'reads' | 'callee'>>()
  readonly #labels = new Map<string, string>()
  #start: string | undefined
  readonly #jumps: { readonly to: string; readonly connect: Connect }[] = []

  /** For threads that share a processor: they ask for it before each step. */
  readonly #shares: boolean

  /** `structs`: what those of the locals point to that are pointers. */
  constructor(name: string, locals: Locals, structs: ReadonlyMap<string, Struct>, shares = false) {
    this.name = name
    this.#shares = shares
    this.changesContext = shares
    // Every call begins with these.
    this.#locals = deepFreeze(locals)
    this.#scope = new Scope(name, structs)
  }

  /** What a local points to. */
  structOf(local: string): Struct {
    return this.#scope.structOf(local)
  }

  /** Where a path leads: `req->lock`. */
  path(text: string): Path {
    return this.#scope.path(text)
  }

  /** The machine, once the steps are in. */
  made(steps: readonly Step<any>[]): AnyStateMachine {
    const body = this.sequence([...steps, { compile: () => this.returns('return', () => ({ ret: 0 })) }])
    for (const { to, connect } of this.#jumps) connect(this.#labelled(to))
    this.#mustNotSpin()
    this.#start = targeted(body.entry!)
    const start = this.#locals
    const actions = {
      ...this.#parts.actions,
      enter: assign(({ event }: Now) => ({
        caller: event.from,
        locals: Object.freeze({ ...start, ...argumentsOf(event, start) }),
        in: contextIn(event),
      })),
      leave: assign({ caller: null, locals: start, in: inTask }),
    }
    const states: Record<string, State> = {
      [idle]: { on: { CALL: [{ target: targeted(body.entry!), actions: ['enter'] }] } },
      ...Object.fromEntries(this.#parts.states),
    }
    const reached = reachedFrom(idle, states)
    // What the chart is made of is only known now, so its types say no more than that it is one.
    return setup({ guards: this.#parts.guards, actions } as object).createMachine({
      id: this.name,
      context: ({ input }: { readonly input: any }): CallContext => ({
        ...{ task: input.task, caller: null, locals: start, in: inTask },
        ...(this.#shares && { on: input.on }),
        ...(input.processors && { processors: input.processors }),
      }),
      initial: idle,
      states: Object.fromEntries(Object.entries(states).filter(([name]) => reached.has(targeted(name)))),
    } as object) as AnyStateMachine
  }

  /** The chart as a graph, once it is made. */
  get flow(): Flow {
    return {
      start: this.#start!,
      end: idle,
      visits: visitsOf(this.#parts.states, this.#asked),
    }
  }

  /** Asks, and waits for one of the answers. */
  asks(asking: Asking): Fragment {
    const { callee, waits, before, says, to, answers } = asking
    if (!this.#shares || callee !== undefined || waits === 'unseen') return this.#asks(asking)
    const { before: _, ...rest } = asking
    const changes = Object.values(answers).some((then) =>
      [then].flat().some(({ effect }: Then) => effect !== undefined),
    )
    return oneAfterTheOther([
      ...(before === undefined ? [] : [this.#changing(says, before, to)]),
      this.#interruptible(waits ?? 'sleeps'),
      this.#asks(rest),
      ...(changes ? [this.#interruptible('not')] : []),
    ])
  }

  /** On a processor that is shared: here an interrupt comes, or another thread. */
  #interruptible(waits: Waits): Fragment {
    const name = this.#parts.fresh('interruptible')
    const { asks, gone, isNeeded } = runningOf(waits)
    const goes: Transition = { target: '', actions: [this.#parts.action('go', gone)] }
    const passes: Transition = { target: '', guard: this.#parts.guard('nothing comes', (now) => !isNeeded(now)) }
    this.#parts.states.set(name, { entry: [this.#parts.action('RUN', asks)], on: { GO: [goes] }, always: [passes] })
    return { entry: name, connect: (next) => [goes, passes].forEach((way) => leads(way)(next)) }
  }

  #asks(asking: Asking): Fragment {
    const { says, at, reads, callee, whom, type, answers, skips, before } = asking
    const name = this.#parts.fresh(says)
    this.#asked.set(name, {
      type,
      ...(at !== undefined && { at }),
      ...(reads && { reads }),
      ...(callee !== undefined && { callee }),
    })
    const ways: Transition[] = []
    const state: State = {
      entry: [
        this.#parts.action(
          `${type}${whom === undefined ? '' : ` → ${whom}`}`,
          questionOf(this.name, asking, this.#shares),
        ),
      ],
      on: {},
    }
    this.#parts.states.set(name, state)
    if (before !== undefined) this.changesContext = true
    if (skips !== undefined) {
      state.always = [{ target: '', guard: this.#parts.guard('nothing to do', ({ context }) => skips(context.locals)) }]
      ways.push(...state.always)
    }
    const { changesContext } = asking
    const comesBack = this.#shares ? changesContext !== undefined : changesContext === true
    if (comesBack) this.changesContext = true
    const open: Connect[] = ways.map(leads)
    for (const [answer, meaning] of Object.entries(answers))
      state.on![answer] = [meaning].flat().map((then: Then, nth) => {
        const answered = { site: this.name, asking, answer, nth, means: then, comesBack }
        const transition: Transition = { target: '', ...onAnswer(this.#parts, answered) }
        const { does, goto, effect } = then
        if (effect !== undefined) this.changesContext = true
        const after = does?.compile(this)
        if (after?.entry !== undefined) transition.target = targeted(after.entry)
        const connect = after?.entry === undefined ? leads(transition) : after.connect
        if (goto === undefined) open.push(connect)
        else this.#jumps.push({ to: goto, connect })
        return transition
      })
    return { entry: name, connect: (next) => open.forEach((connect) => connect(next)) }
  }

  /** Changes the context. */
  changes(says: string, effect: Effect): Fragment {
    const changing = this.#changing(says, effect)
    return this.#shares ? oneAfterTheOther([changing, this.#interruptible('not')]) : changing
  }

  #changing(says: string, effect: Effect, to?: Asking['to']): Fragment {
    this.changesContext = true
    return this.passes(says, [this.#parts.action('context', changingOf(this.name, says, effect, to))])
  }

  /** Goes one way or the other. */
  branches(
    says: string,
    holds: (locals: Locals) => boolean,
    yes: readonly Step<any>[],
    no: readonly Step<any>[],
    again?: string,
  ): Fragment {
    const name = this.#parts.fresh(says)
    const guard = this.#parts.guard('yes', ({ context }) => calling(this.name, says, () => holds(context.locals)))
    const [ifTrue, otherwise]: Transition[] = [{ target: '', guard }, { target: '' }]
    this.#parts.states.set(name, { always: [ifTrue!, otherwise!] })
    const [then, orElse] = [this.sequence(yes), this.sequence(no)]
    const open: Connect[] = []
    const lead = (transition: Transition, { entry, connect }: Fragment) => {
      if (entry === undefined) open.push(leads(transition))
      else {
        transition.target = targeted(entry)
        open.push(connect)
      }
    }
    lead(ifTrue!, then)
    // A loop: what comes after the steps is the question again, or where the next round begins.
    if (again !== undefined) open.splice(0).forEach((connect) => connect(again === 'again' ? name : again))
    lead(otherwise!, orElse)
    return { entry: name, connect: (next) => open.forEach((connect) => connect(next)) }
  }

  /** Keeps values in locals. */
  keeps(says: string, change: (locals: Locals) => Locals): Fragment {
    const changing = assign(({ context }: Now) => ({
      locals: Object.freeze({ ...context.locals, ...calling(this.name, says, () => change(context.locals)) }),
    }))
    return this.passes(says, [this.#parts.action('set', changing)])
  }

  /** Says something, or nothing. What is fatal is the end: the kernel goes no further. */
  says(says: string, said: (locals: Locals, site: string) => Said | undefined): Fragment {
    const name = this.#parts.fresh(says)
    const what = (locals: Locals) => calling(this.name, says, () => said(locals, this.name))
    const isFatal = (each: Said | undefined) => each?.type === 'finding' && each.fatal
    const fatal = this.#parts.guard('fatal', ({ context }) => isFatal(what(context.locals)))
    const guard = this.#parts.guard('yes', ({ context }) => what(context.locals) !== undefined)
    const actions = [
      this.#parts.action(
        'say',
        emit(({ context }: Now) => what(context.locals)!),
      ),
    ]
    const ways: Transition[] = [{ target: '', guard, actions }, { target: '' }]
    this.#parts.states.set(oops, {})
    this.#parts.states.set(name, { always: [{ target: oops, guard: fatal, actions }, ...ways] })
    return { entry: name, connect: (next) => ways.forEach((way) => leads(way)(next)) }
  }

  /** Ends the call. */
  returns(says: string, returned: (locals: Locals) => Locals): Fragment {
    const returning = this.#returns(says, returned)
    return this.#shares ? oneAfterTheOther([this.#interruptible('leaves'), returning]) : returning
  }

  #returns(says: string, returned: (locals: Locals) => Locals): Fragment {
    const name = this.#parts.fresh(says)
    const returning = returningOf(this.name, says, returned)
    this.#parts.states.set(name, {
      always: [{ target: idle, actions: [this.#parts.action('RETURN', returning), 'leave'] }],
    })
    return { entry: name, connect: () => {} }
  }

  /** A place that `goto` leads to. */
  label(label: string): Fragment {
    if (this.#labels.has(label))
      throw this.#wrong(`Two labels are called "${label}".`, 'A label is a place of its own.')
    const fragment = this.passes(`${label}:`)
    this.#labels.set(label, fragment.entry!)
    return fragment
  }

  goto(label: string): Fragment {
    const name = this.#parts.fresh(`goto ${label}`)
    const transition: Transition = { target: '' }
    this.#parts.states.set(name, { always: [transition] })
    this.#jumps.push({ to: label, connect: leads(transition) })
    return { entry: name, connect: () => {} }
  }

  sequence(steps: readonly Step<any>[]): Fragment {
    insist(stepsShape, steps, `Procedure ${this.name}`, ['steps'])
    return oneAfterTheOther(steps.map((step) => step.compile(this)))
  }

  /** Goes on at once; somewhere to come back to. */
  passes(says: string, actions: readonly string[] = []): Fragment {
    const name = this.#parts.fresh(says)
    const transition: Transition = { target: '', ...(actions.length > 0 && { actions }) }
    this.#parts.states.set(name, { always: [transition] })
    return { entry: name, connect: leads(transition) }
  }

  #labelled(label: string): string {
    const state = this.#labels.get(label)
    if (state !== undefined) return state
    const known = toChooseFrom(this.#labels.keys(), label) || 'none'
    throw this.#wrong(`goto('${label}') leads nowhere. Labels: ${known}.`, `Put label('${label}') among the steps.`)
  }

  #mustNotSpin(): void {
    const state = endlessIn(this.#parts.states)
    if (state === undefined) return
    throw this.#wrong(
      `It may go round for ever, from "${state}" to "${state}", without asking anything of anybody.`,
      'Let the loop read what it waits for: each access is a step, between which other threads run.',
    )
  }

  #wrong(what: string, hint: string): ModelError {
    return wrongIn(this.name, what, hint)
  }
}
