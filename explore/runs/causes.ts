/**
 * The order of causes of a run: of each step who said what to whom, and which steps had to come before it. What a run does follows from this
 * alone, so it means the same on a model in which the places of steps, and the choices that lead there, are others.
 */
import type { Trace } from './trace.ts'

/** A step as it was recorded; others are spoken of by their index. */
export interface RecordedStep {
  readonly from: string
  readonly to: string
  readonly type: string
  /** What the message held besides; absent: nobody wrote that down. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** The step that sent the message; -1: it was in flight at the start, or came from outside. */
  readonly sentBy: number
  /** What its receiver heard before; -1: nothing. */
  readonly after: number
}

export interface Recorded {
  readonly steps: readonly RecordedStep[]
  /** Everybody who was there, as far as is known. */
  readonly actors: ReadonlySet<string>
}

export const nameOf = ({ from, to, type }: Pick<RecordedStep, 'from' | 'to' | 'type'>): string =>
  `${from} → ${to} ${type}`

type Told = Omit<RecordedStep, 'after' | 'sentBy'> & { readonly sentBy: number | undefined }

/** Where nobody says who sent a message, it was what its sender heard last. */
const inOrder = (told: readonly Told[]): readonly RecordedStep[] => {
  const last = new Map<string, number>()
  return told.map((step, index) => {
    const { sentBy = last.get(step.from) ?? -1 } = step
    const after = last.get(step.to) ?? -1
    last.set(step.to, index)
    return { ...step, sentBy, after }
  })
}

/** What is asked of a run here: less than all that a trace holds, for one that was read from a file. */
export interface RecordedTrace {
  readonly initial: Readonly<Record<string, unknown>>
  readonly steps: readonly Pick<Trace['steps'][number], 'from' | 'to' | 'message' | 'sentAt'>[]
}

export const causesOf = ({ initial, steps }: RecordedTrace): Recorded => ({
  actors: new Set([...Object.keys(initial), ...steps.map(({ to }) => to)]),
  steps: inOrder(
    steps.map(({ from, to, message, sentAt }) => {
      const { type, from: _, ...fields } = message
      return { from, to, type, fields, sentBy: sentAt - 1 }
    }),
  ),
})

const sentAt = /, sent at (\d{1,7})$/

/** `from → to TYPE`, with `, sent at 3` behind it where it was not sent by what its sender had heard last. Undefined: it is no such text. */
const readStep = (text: string): Told | undefined => {
  const [, from, to, type] = /^(.+?) (?:→|->) (\S+) (.+)$/.exec(text.trim().replace(sentAt, '')) ?? []
  if (from === undefined || to === undefined || type === undefined) return undefined
  const sent = sentAt.exec(text)?.[1]
  return { from, to, type, sentBy: sent === undefined ? undefined : Number(sent) - 1 }
}

/** The index of the first text that is no step, or sent by one that does not come before it. */
export const unreadable = (texts: readonly string[]): number =>
  texts.findIndex((text, index) => {
    const step = readStep(text)
    return step === undefined || (step.sentBy !== undefined && step.sentBy >= index)
  })

/** A run as people write it down: the names of its steps. */
export const readSteps = (texts: readonly string[]): Recorded => {
  const steps = inOrder(texts.flatMap((text) => readStep(text) ?? []))
  return { steps, actors: new Set(steps.map(({ to }) => to)) }
}

/** The same, written. */
export const writeSteps = ({ steps }: Recorded): readonly string[] => {
  const guessed = inOrder(steps.map((step) => ({ ...step, sentBy: undefined })))
  return steps.map((step, index) =>
    step.sentBy === guessed[index]!.sentBy ? nameOf(step) : `${nameOf(step)}, sent at ${step.sentBy + 1}`,
  )
}
