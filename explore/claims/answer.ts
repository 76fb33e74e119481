/**
 * What a property answers about a view: yes or no. Anything else is a slip of its author that could pass for a proof, and ends the search.
 */
import { canonical } from '../states/canonical.ts'
import { ModelError } from '../errors.ts'
import { Restart } from '../breadth/restart.ts'
import type { Property, StepView } from '../system.ts'

/** Whether it holds. */
export const holds = <View>(property: Property<View>, view: View): boolean => {
  let answer: unknown
  // It is asked of each state.
  try {
    answer = property.holds(view)
  } catch (cause) {
    throw failed(property, cause)
  }
  return typeof answer === 'boolean' ? answer : refuse(property, 'holds', answer)
}

/** Whether it has anything to say here; without `when`, it always has. */
export const applies = <View>(property: Property<View>, view: View): boolean =>
  property.when === undefined || answerOf(property, 'when', () => property.when!(view))

/** Of a claim about steps: whether it holds of this one. */
export const holdsOfStep = <View>(property: Property<View>, before: View, after: View, step: StepView): boolean =>
  answerOf(property, 'step', () => property.step!(before, after, step))

function answerOf(property: Property, asked: 'when' | 'step', question: () => unknown): boolean {
  let answer: unknown
  try {
    answer = question()
  } catch (cause) {
    throw failed(property, cause)
  }
  return typeof answer === 'boolean' ? answer : refuse(property, asked, answer)
}

function refuse({ name }: Property, asked: 'holds' | 'when' | 'step', answer: unknown): never {
  const [returned, slip] = slipOf(answer)
  throw new ModelError(
    'bad-property',
    `The property "${name}" must answer true or false, and did not.`,
    [
      ['asked', asked],
      ['returned', returned],
    ],
    slip,
  )
}

/** What is to be thrown instead. */
function failed({ name }: Property, cause: unknown): unknown {
  if (cause instanceof Restart || cause instanceof ModelError) return cause
  const what = cause instanceof Error ? cause.message : `it threw ${shown(cause)}`
  return new Error(`The property "${name}" failed to answer: ${what}`, { cause })
}

/** What came back in words, and what was probably forgotten. */
function slipOf(answer: unknown): readonly [returned: string, slip: string] {
  const compare =
    'Compare it with something: `a && b` answers b itself when a is true, so write `a && b > 0` or `a && b !== null`.'
  switch (typeof answer) {
    case 'undefined':
      return ['nothing', 'A `return` is missing: an arrow function with braces returns nothing unless it says so.']
    case 'function':
      return ['a function', 'Call it: `holds: (world) => isFine(world)`.']
    case 'object':
      if (answer instanceof Promise) {
        // Whatever becomes of it, nobody waits for it any more.
        answer.catch(() => {})
        return ['a promise', 'A state is looked at as it stands, and nothing can be awaited: leave out `async`.']
      }
  }
  return [`${typeof answer === 'object' ? '' : `the ${typeof answer} `}${shown(answer)}`, compare]
}

function shown(value: unknown): string {
  try {
    const text = canonical(value)
    return text.length > 60 ? `${text.slice(0, 60)}…` : text
  } catch {
    return `a ${typeof value}`
  }
}
