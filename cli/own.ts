/** A scenario file of the user's: it is run here, and whatever goes wrong in it is told with its place. */
import { inspect } from 'node:util'
import * as errors from '../report/errors.ts'
import { askedAt, placesIn } from '../report/places.ts'
import { AnotherEachTime } from '../scenarios/at-another-time.ts'
import { loading, loadScenario, NotAScenario, Unreadable } from '../scenarios/load.ts'
import type { Scenario } from '../scenarios/unmap/scenario.ts'
import type { Desk } from './desk.ts'
import { NeverComes, patiently } from './threads/loading.ts'
import { Throws } from './threads/stacks.ts'

/** A file may wait for something at its top level, for so many milliseconds; `--ms` gives it as much as it gives the search. */
const patienceFor = (ms = 30_000): number => Math.max(2000, ms)

/** `ms` is the bound of the search, if there is one. */
export const ownScenario = async (
  name: string,
  desk: Pick<Desk, 'files' | 'modules' | 'runs'>,
  ms?: number,
): Promise<Scenario> => {
  desk.runs(name, ms)
  const isTheirs = (stack: string): boolean => placesIn(stack, desk.files).length > 0
  try {
    const load = await loading(name, desk.modules, (stack) => askedAt(stack, desk.files))
    return placed(await patiently(load, patienceFor(ms), isTheirs))
  } catch (error) {
    if (error instanceof NotAScenario) throw errors.notAScenario(name, error)
    if (error instanceof NeverComes)
      throw errors.failedFile(
        name,
        'waits for something that does not come.',
        errors.linesOf(error, desk.files).slice(1),
      )
    if (error instanceof AnotherEachTime) throw errors.anotherEachTime(name, error.asked)
    // What a story that does not fit is told of itself says all.
    if (error instanceof Unreadable && errors.isModelComplaint(error.cause)) throw error.cause
    if (error instanceof Unreadable)
      throw errors.failedFile(name, 'cannot be read.', errors.linesOf(await withPlace(error.cause, name), desk.files))
    throw error
  }
}

/** Anything may be thrown, `null` too. */
class Thrown extends Error {
  constructor(thrown: unknown, stack: string) {
    super(`It threw ${inspect(thrown)}.`)
    this.name = 'Thrown'
    this.stack = stack
  }
}

const withPlace = async (thrown: unknown, name: string): Promise<Error> => {
  if (thrown instanceof Error) return thrown
  const throws = new Throws()
  await loadScenario(name).catch(() => {})
  throws.close()
  return new Thrown(thrown, throws.stack)
}

/** What is not an error is thrown again under the eyes of the debugger, which knows where. */
const asking =
  <Given extends readonly unknown[], Answer>(ask: (...given: Given) => Answer) =>
  (...given: Given): Answer => {
    try {
      return ask(...given)
    } catch (thrown) {
      if (thrown instanceof Error) throw thrown
      const throws = new Throws()
      try {
        ask(...given)
      } catch {
        // Seen.
      }
      throws.close()
      throw new Thrown(thrown, throws.stack)
    }
  }

/** The same scenario; what its functions throw is an error with a place. */
const placed = (scenario: Scenario): Scenario => ({
  ...scenario,
  system: asking((choices) => scenario.system(choices)),
  properties: asking((choices) =>
    scenario.properties(choices).map((property) => ({
      ...property,
      holds: asking((view: unknown) => property.holds(view)),
      ...(property.step && { step: asking(property.step.bind(property)) }),
      ...(property.when && { when: asking((view: unknown) => property.when!(view)) }),
    })),
  ),
})
