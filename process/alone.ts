/** Runs XState with nothing of the outside world at hand: no clock, no dice, no timers; and gathers what it would have thrown to nobody. */
import { ModelError } from '../explore/errors.ts'
import { standIn, type Question } from './chance.ts'

export interface Outcome {
  /** What XState would throw where nobody can catch it. */
  readonly unhandled: readonly unknown[]
  /** What came out of the call itself. */
  readonly thrown?: { readonly error: unknown }
}

/** Throws a ModelError when the clock or the dice were looked at. */
export const alone = (act: () => void): Outcome => {
  const unhandled: unknown[] = []
  let slip: Slip | undefined
  const refused = ({ what, stack }: Question): never => {
    slip ??= { what, at: callerIn(stack()) }
    throw new Error(`${what} is not there while relock explores`)
  }
  const leave = standIn({ time: refused, chance: refused, name: refused })
  const { setTimeout: later } = globalThis
  const paper: Pick<Console, 'warn'> = globalThis.console
  const { warn } = paper
  // XState reports what nobody catches by throwing it from a timer.
  globalThis.setTimeout = ((run: () => void) => {
    try {
      run()
      slip ??= { what: 'setTimeout', at: undefined }
    } catch (error) {
      unhandled.push(error)
    }
    return 0
  }) as never
  paper.warn = () => {}
  let thrown: Outcome['thrown']
  try {
    act()
  } catch (error) {
    thrown = { error }
  }
  leave()
  globalThis.setTimeout = later
  paper.warn = warn
  if (thrown?.error instanceof ModelError) throw thrown.error
  if (slip !== undefined) throw impure(slip)
  return { unhandled, ...(thrown && { thrown }) }
}

interface Slip {
  readonly what: string
  /** Where it was used. */
  readonly at: string | undefined
}

/** Whoever called what wants to know. */
const callerIn = (stack: string): string | undefined => {
  const [, frame = ''] = stack.split('\n')
  const [, path, line] = /((?:file:\/\/)?[^\s()]+):(\d+):\d+\)?$/.exec(frame) ?? []
  return path === undefined ? undefined : `${path.replace(/^file:\/\//, '').replace(`${process.cwd()}/`, '')}:${line}`
}

const impure = ({ what, at }: Slip): ModelError =>
  new ModelError(
    'nondeterministic',
    `A guard, an assign or a value of the machine uses ${what}.`,
    [
      ...(at === undefined ? [] : [['place', at] as const]),
      ['rule', 'The same step from the same state must come to the same.'],
    ],
    'Let it come with an event or with the input, or put it into a custom action, which is not run.',
  )
