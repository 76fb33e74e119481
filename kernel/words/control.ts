/** The way through a procedure: branches, loops, labels, calls, returns, and what happens to locals alone. */
import { ModelError } from '../../explore/errors.ts'
import { reserved } from '../actions.ts'
import { mustFitBuiltIn } from '../built-in-arguments.ts'
import { callName } from '../names.ts'
import type { Procedure } from '../procedure.ts'
import { textOf } from '../text.ts'
import { asking, inOrder, keeping, type Locals, type Step } from '../step.ts'

/** A local that is true in C (not 0, not NULL, not false), or a function of the locals. */
export type Condition<L> = (keyof L & string) | ((v: L) => boolean)

/** As in C: not 0, not NULL, not false. */
export const isTrue = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== false && value !== 0

/** Does it hold with these locals? */
export const holdsIn = (condition: Condition<any>) =>
  typeof condition === 'string' ? (v: Locals) => isTrue(v[condition]) : (v: Locals) => condition(v)

/** As a name of a step. */
export const conditionWords = (condition: Condition<any>): string =>
  typeof condition === 'string' ? condition : textOf(condition)

/** The other way round. */
export const not = <L>(condition: Condition<L>): ((v: L) => boolean) => {
  const holds = holdsIn(condition)
  return Object.assign((v: L) => !holds(v as Locals), { says: `!${conditionWords(condition)}` })
}

/** `if`: steps to take when it holds, and those to take otherwise. */
export const when = <L>(
  condition: Condition<L>,
  then: readonly Step<NoInfer<L>>[],
  otherwise: readonly Step<NoInfer<L>>[] = [],
): Step<L> => ({
  inside: [...then, ...otherwise],
  compile: (chart) => chart.branches(`if (${conditionWords(condition)})`, holdsIn(condition), then, otherwise),
})

/** `while`. The body, or what it waits for, must touch something that other threads see. */
export const loop = <L>(condition: Condition<L>, body: readonly Step<NoInfer<L>>[]): Step<L> => ({
  inside: body,
  compile: (chart) => chart.branches(`while (${conditionWords(condition)})`, holdsIn(condition), body, [], 'again'),
})

/** A place for `goto`. */
export const label = (name: string): Step => ({ compile: (chart) => chart.label(name) })

/** Goes on at a label of the same procedure, as error paths do. */
export const goto = (name: string): Step => ({ compile: (chart) => chart.goto(name) })

/**
 * Returns a value (an errno is a negative number or its name: `'-EBUSY'`), or what is in the locals; `also`: what is written back besides, as an
 * unmap says how much it unmapped (`({ size }) => ({ size })`).
 */
export const ret = <L>(
  value: number | string | ((v: L) => unknown) = 0,
  also?: (v: L) => Readonly<Record<string, unknown>>,
): Step<L> => {
  const words = typeof value === 'string' ? value : textOf(value)
  return {
    compile: (chart) =>
      chart.returns(`return ${words}`, (v) => ({
        ...(also && mustBeArguments('return', also(v as L))),
        ret: typeof value === 'function' ? value(v as L) : value,
      })),
  }
}

/** Sets a local. */
export const set = <L, K extends keyof L & string>(local: K, value: L[K] | ((v: L) => L[K])): Step<L> => {
  const words = textOf(value)
  return keeping(`${local} = ${words}`, (v) => ({
    [local]: typeof value === 'function' ? (value as (v: unknown) => unknown)(v) : value,
  }))
}

export interface CallOptions<L, A> {
  /** Its arguments: they are locals of it. */
  readonly with?: (v: L) => Partial<NoInfer<A>>
  /** The local that keeps what it returns. */
  readonly into?: keyof L & string
  /** Of what it returned: `ret` (default), or what it wrote back besides, as the `size` of an unmap. */
  readonly field?: string
}

/** Calls a procedure on behalf of the same thread. */
export const call = <L, A>(
  callee: Procedure<A>,
  { with: args, into, field = 'ret' }: CallOptions<L, A> = {},
): Step<L> =>
  asking(
    {
      says: `${into === undefined ? '' : `${into} = `}${callee.name}()`,
      to: (_, task) => callName(task, callee.name),
      callee: callee.name,
      ...(callee.changesContext !== undefined && { changesContext: callee.changesContext }),
      whom: callee.name,
      type: 'CALL',
      ...(callee.builtIn !== undefined && { waits: 'sleeps' as const }),
      ...((args || callee.builtIn !== undefined) && { with: argumentsOf(callee, args as Arguments) }),
      answers: { RETURN: into === undefined ? {} : { into, value: (answer) => answer[field] } },
    },
    { calls: [callee] },
  )

type Arguments = ((v: Locals) => Locals) | undefined

/** What relock has is checked: its machines take it for granted. */
const argumentsOf =
  ({ name, builtIn }: Procedure, args: Arguments) =>
  (v: Locals, site: string): Locals => {
    const given = mustBeArguments(name, args?.(v) ?? {})
    return builtIn === undefined ? given : mustFitBuiltIn(site, builtIn, given)
  }

function mustBeArguments(callee: string, args: Locals): Locals {
  const wrong = reserved.find((name) => name in args)
  if (wrong === undefined) return args
  throw new ModelError(
    'bad-description',
    `${callee}() cannot be given an argument called "${wrong}".`,
    [],
    `Every message has one already (${reserved.join(', ')}): call the local of ${callee} by another name.`,
  )
}

/** Steps under one name, to be used in several procedures. */
export const steps = <L>(...all: readonly Step<L>[]): Step<L> => inOrder(all)
