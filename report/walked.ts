/** A run that is made by hand: what has just happened, what is wrong with it, and what can come next. */
import type { Trace } from '../explore/runs/trace.ts'
import { headline } from './splat.ts'
import { sentence, tellStep } from './story.ts'
import { legible, type Page } from './style.ts'
import { inKernel, inScript } from './saying.ts'
import { wrap } from './words.ts'
import type { Wrong } from './sides.ts'

/** What happens in a step, a sentence each: more than its delivery, where a run is told in steps of its own. */
export const happens = (trace: Trace, step: number): readonly string[] => {
  const told = trace.told ?? trace
  return told.steps
    .filter(({ number, of = number }) => of === step)
    .flatMap((each) => {
      const row = tellStep(told, each)
      const news = [...row.changes, ...(row.calls ?? []), ...(row.ignored ? ['ignored'] : [])].join(', ')
      const what = news === '' ? sentence(row) : `${sentence(row)}  ● ${news}`
      return [what, ...row.findings.map((finding) => `✗ ${finding}`)]
    })
}

/** What can come after a run, in the order of its numbers; each is tried, so that it is told with what comes of it. */
export const following = (trace: Trace, further: (choice: number) => Trace): readonly (readonly string[])[] => {
  if (trace.end !== 'open') return []
  const { possible } = further(0).steps.at(-1)!
  return possible.map((_, choice) => happens(further(choice), trace.steps.length + 1))
}

const item = (page: Page, sign: string, [first = '', ...more]: readonly string[]): string[] => {
  const indent = ' '.repeat(sign.length)
  const lines = [first, ...more].flatMap((text, index) =>
    wrap(text, page.columns - sign.length - 1, index === 0 ? '' : '  '),
  )
  return lines.map((line, index) => legible(page, `${index === 0 ? sign : indent}${line}`.trimEnd()))
}

/** The last step of a run, and what is wrong since then. */
export const sayStep = (page: Page, trace: Trace, wrong: readonly Wrong[]): string[] => {
  const { length } = trace.steps
  return [
    ...(length === 0 ? [] : item(page, `${String(length).padStart(4)}  `, happens(trace, length))),
    ...wrong.flatMap((each) => item(page, '      ', [headline(each, trace)])),
    ...(trace.end === 'finished' ? ['      Nothing is left to come.'] : []),
  ]
}

/** What can come, by the number that is typed for it. */
export const sayNext = (page: Page, next: readonly (readonly string[])[]): string[] => {
  const width = String(next.length).length
  return next.flatMap((each, index) => item(page, `  ${String(index + 1).padStart(width)}) `, each))
}

/** What actors are in and hold, a line each; of all that have a word in it, or of all. */
export const sayStates = (page: Page, trace: Trace, word: string): string[] => {
  const { initial, steps } = trace
  const { value } = trace.told ? inScript : inKernel
  const now = new Map(Object.entries(initial))
  for (const { to, after } of steps) now.set(to, after)
  return [...now]
    .filter(([id]) => id.includes(word))
    .flatMap(([id, { state, data }]) => {
      const fields = Object.entries(data).flatMap(([of, x]) => (x === id ? [] : [`${of} ${value(x)}`]))
      return item(page, '  ', [[id, state, ...fields].join('  ')])
    })
}
