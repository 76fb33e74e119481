/** What went wrong among actors, in the words of those who wrote them: who heard what, where, and what had brought him there. */
import type { Trace, TraceStep } from '../explore/runs/trace.ts'
import { changed, changes, sayChange } from './changes.ts'
import type { Wrong } from './sides.ts'
import { chartLines } from './chart.ts'
import type { Page } from './style.ts'
import { eventFields, inScript } from './saying.ts'
import { block } from './words.ts'

/** A run that is told in events of actors rather than in words of threads and locks. */
export const isOfActors = (trace: Trace): boolean => trace.steps.some(({ of }) => of !== undefined)

const heard = ({ from, to, message, number }: TraceStep): string => {
  const said = eventFields(message)
  const what = `${message.type}${said === '' ? '' : ` ${said}`}`
  return from === to ? `${to}: ${what} at step ${number}` : `${to} hears ${what} from ${from} at step ${number}`
}

/** What changed the actor last, before it heard this. */
export const broughtBy = (trace: Trace, now: TraceStep): TraceStep | undefined =>
  trace.steps.findLast(
    (step) =>
      step.number < now.number && step.to === now.to && changed(step.before, step.after, inScript) && step !== now,
  )

/** Who has said that he is done is not spoken of any more. */
const stateAtEnd = (trace: Trace): string[] => {
  const last = new Map<string, TraceStep>()
  for (const step of trace.steps) {
    last.set(step.to, step)
    if (['done', 'error'].includes(step.message.type)) last.delete(step.from)
  }
  const others = Object.entries(trace.others ?? {})
  return [
    ...[...last].map(([name, { after }]) => [name, after] as const),
    ...others.map(([name, { is }]) => [name, is] as const),
  ].flatMap(([name, { state }]) => (state === 'stopped' ? [] : [`  ${name} in ${state}`]))
}

/** The step that shows where the actor is that this is about: of who waits in vain, his own last one. */
const concerned = (trace: Trace, wrong: Wrong, now: TraceStep): TraceStep | undefined => {
  const title = wrong.what === 'finding' && wrong.finding.kind === 'deadlock' ? wrong.finding.title : undefined
  if (title === undefined) return now
  const waits = (name: string): boolean => title.startsWith(`deadlock: ${name} waits in `)
  const [other, { chart } = {}] = Object.entries(trace.others ?? {}).find(([name]) => waits(name)) ?? []
  if (other !== undefined) return chart && { ...now, to: other, chart }
  return trace.steps.findLast(({ number, to }) => number <= now.number && waits(to))
}

/** Below the headline. */
export const actorLines = (trace: Trace, wrong: Wrong, page: Page): string[] => {
  const { glyphs } = page
  if (wrong.what === 'deadlock') return stateAtEnd(trace)
  const now = trace.steps[wrong.at - 1]
  if (now === undefined) return ['it is so before anything has come']
  const earlier = broughtBy(trace, now)
  const lines = [`${glyphs.now} ${heard(now)}, in ${now.before.state}`]
  if (wrong.what === 'property')
    lines.push(wrong.ofStep ? '  the claim is false of this step' : '  from here on the claim is false')
  if (wrong.what === 'finding' && wrong.finding.detail !== undefined) lines.push(`  ${wrong.finding.detail}`)
  if (earlier) {
    const what = changes(earlier.before, earlier.after, inScript).slice(0, 3).map(sayChange).join(', ')
    lines.push(`${glyphs.earlier} ${heard(earlier)}: ${what}`)
  }
  return block(lines, chartLines(trace, concerned(trace, wrong, now), page), [
    'At the end of this run:',
    ...stateAtEnd({ ...trace, steps: trace.steps.slice(0, wrong.at) }),
  ])
}
