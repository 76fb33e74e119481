/** What happens in the states of a procedure's chart, as XState's actions: asking, changing the context, going back to whoever called. */
import { assign, emit, enqueueActions } from 'xstate'
import { ModelError } from '../explore/errors.ts'
import { send, type Heard, type Said } from '../machines/say.ts'
import {
  inTask,
  isInTask,
  isMore,
  leftBehind,
  letsIn,
  mightSleep,
  opening,
  type Change,
  type Context,
  type Effect,
  type Moment,
} from './context.ts'
import { isThere } from './null.ts'
import { asksToRun, hasNow, uses, type Waits } from './turn.ts'
import type { Asking, Locals } from './step.ts'

/** What a call keeps: for whom it runs, who called it, its locals, and the context of the thread. */
export interface CallContext {
  readonly task: string
  readonly caller: string | null
  readonly locals: Locals
  readonly in: Context
  /** The processor that its thread shares with others. */
  readonly on?: string
  /** By the interrupt that comes there, where it has to do with one. */
  readonly processors?: Readonly<Record<string, string>>
}

export interface Now {
  readonly context: CallContext
  readonly event: Heard & Locals
}

/** Words that every message has: no argument can be called so. */
export const reserved = ['type', 'from', 'task', 'says', 'quiet', 'in']
/** Arguments are locals that the caller sets. */
export const argumentsOf = (event: Heard & Locals, locals: Locals): Locals =>
  Object.fromEntries(
    Object.keys(locals).flatMap((name) => (name in event && !reserved.includes(name) ? [[name, event[name]]] : [])),
  )

/** The context of the thread, with which it comes into a call, or back from one. */
export const contextIn = ({ in: context }: Heard & Locals): Context => (context as Context | undefined) ?? inTask

/** What an action that says and keeps several things may do. */
interface Enqueue {
  readonly emit: (said: Said) => void
  readonly assign: (more: Partial<CallContext>) => void
}

/** What is sent in the state, after what it means for the context. */
export function questionOf(
  site: string,
  { says, to, with: fields, type, callee, skips, quiet, before, waits }: Asking,
  shares: boolean,
): unknown {
  const asked = ({ context: { task, locals, in: context, processors = {} } }: Now): Said => {
    const target = calling(site, says, () => to(locals, task, processors))
    if (!isThere(target)) return target.says(site)
    const more = fields === undefined ? {} : calling(site, says, () => fields(locals, site))
    const goes = callee !== undefined && !isInTask(context) && { in: context }
    const { opened = 'nothing' } = context
    const comes = waits === 'spins' && isMore(letsIn(context), opened) ? letsIn(context) : opened
    const lets = comes !== 'nothing' && { lets: comes }
    return send(target, type, { task, ...more, ...goes, ...lets, says, ...(quiet && { quiet }) })
  }
  const checks = waits === 'sleeps'
  if (skips === undefined && before === undefined && !checks && !shares) return emit(asked)
  return enqueueActions(({ enqueue, context, event }) => {
    let now = { context, event } as unknown as Now
    if (skips?.(now.context.locals)) return
    const moment = momentOf(site, now.context, says, to)
    const complaint = checks ? mightSleep(moment) : undefined
    if (complaint) enqueue.emit(complaint)
    if (shares && callee === undefined) now = { ...now, context: changed(enqueue, now.context, uses(moment)) }
    if (before) now = { ...now, context: changed(enqueue, now.context, before(moment)) }
    enqueue.emit(asked(now))
  })
}

function momentOf(
  site: string,
  { task, locals, in: context, processors = {} }: CallContext,
  says: string,
  to?: Asking['to'],
): Moment {
  const target = to === undefined ? '' : calling(site, says, () => to(locals, task, processors))
  return { context, locals, site: site, says, on: isThere(target) ? target : '' }
}

function changed(
  enqueue: Enqueue,
  context: CallContext,
  { context: changed, locals = {}, said = [] }: Change,
): CallContext {
  for (const each of said) enqueue.emit(each)
  const more = { locals: Object.freeze({ ...context.locals, ...locals }), in: opening(context.in, changed) }
  enqueue.assign(more)
  return { ...context, ...more }
}

/** Changes the context of the thread, and says what there is to say. `to`: whom it has asked. */
export const changingOf = (site: string, says: string, effect: Effect, to?: Asking['to']): unknown =>
  enqueueActions(({ enqueue, context }) => {
    const now = context as unknown as CallContext
    changed(enqueue as unknown as Enqueue, now, effect(momentOf(site, now, says, to)))
  })

/** Asks for the processor, where it has to, and what it has then. */
export function runningOf(waits: Waits) {
  const run = ({ context: { in: context, caller, task } }: Now) => asksToRun(context, waits, caller === task)
  const asks: unknown = enqueueActions(({ enqueue, context, event }) => {
    const now = { context, event } as unknown as Now
    const { task, on } = now.context
    const how = run(now)
    if (how) enqueue.emit(send(on!, 'RUN', { task, ...how, quiet: true }))
  })
  const gone: unknown = assign((now: Now) => ({ in: hasNow(now.context.in, run(now)!) }))
  return { asks, gone, isNeeded: (now: Now): boolean => run(now) !== undefined }
}

/** Goes back to whoever called, in the context it is in; what a thread must not leave behind is told. */
export const returningOf = (site: string, says: string, returned: (locals: Locals) => Locals): unknown =>
  enqueueActions(({ enqueue, context }) => {
    const { caller, task, locals, in: left } = context as unknown as CallContext
    // Whoever called for a thread is the thread.
    const isOutermost = caller === task
    if (isOutermost) for (const each of leftBehind(left, site)) enqueue.emit(each)
    const goes = isOutermost || isInTask(left) ? {} : { in: left }
    enqueue.emit(send(caller!, 'RETURN', { ...calling(site, says, () => returned(locals)), task, ...goes }))
  })

/** Runs a function of the user's. */
export function calling<T>(site: string, says: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof ModelError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw wrongIn(
      site,
      `The function of \`${says}\` threw: ${why}.`,
      'It is given the locals and must not change them.',
    )
  }
}

export const wrongIn = (site: string, what: string, hint: string): ModelError =>
  new ModelError('bad-description', `Procedure ${site}: ${what}`, [], hint)
