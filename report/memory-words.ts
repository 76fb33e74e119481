/**
 * Objects of a slab, told as C would touch them: `mm0#1->users 2 → 1` for a count, `kzalloc → sva_domain0#1`, `kfree`. To follow a pointer
 * is no news, unless somebody is caught at it.
 */
import type { Message } from '../explore/system.ts'
import type { TraceStep } from '../explore/runs/trace.ts'
import { pointerName, value } from './words.ts'

export interface TouchWords {
  readonly head: string
  readonly asked: string
  readonly answered: string
  /** Nothing that anybody reads for. */
  readonly quiet: boolean
}

const touches = new Set(['ALLOC', 'USE', 'SET', 'ADD', 'INC_NOT_ZERO', 'FREE'])

/** A slab shows its objects, how many lives each address has had, and what they are called. */
const isSlab = ({ before: { data }, message }: TraceStep): boolean =>
  touches.has(message.type) && Array.isArray(data['objects']) && Array.isArray(data['lives']) && 'name' in data

const setWords = (object: string, fields: unknown): string =>
  Object.entries(fields as object)
    .map(([name, x]) => `${object}->${name} = ${value(x)}`)
    .join(', ')

const countWords = (object: string, { field, by = 1 }: Message, reply: Message | undefined): string => {
  const now = reply?.['value']
  const change = Number(by)
  const counted = typeof now === 'number' ? ` ${now - change} → ${now}` : change < 0 ? ` ${change}` : ` +${change}`
  return `${object}->${String(field)}${counted}`
}

/** Undefined for what is asked of anything else. */
export const touchWords = (step: TraceStep, reply: TraceStep | undefined): TouchWords | undefined => {
  if (!isSlab(step)) return undefined
  const { message } = step
  const object = pointerName(message['ptr']) ?? ''
  const back = reply?.message
  const plain = { answered: '', quiet: false, asked: '' }
  switch (message.type) {
    case 'ALLOC': {
      const made = pointerName(back?.['ptr'])
      return { ...plain, head: 'kzalloc', asked: step.to, answered: made ?? '' }
    }
    case 'USE':
      return { ...plain, head: `use ${object}`, quiet: true }
    case 'SET':
      return { ...plain, head: setWords(object, message['fields']) }
    case 'ADD':
      return { ...plain, head: countWords(object, message, back) }
    case 'INC_NOT_ZERO':
      return back?.['value'] === 0
        ? { ...plain, head: `inc_not_zero ${object}->${String(message['field'])}`, answered: 'it is 0' }
        : { ...plain, head: countWords(object, message, back) }
    default:
      return { ...plain, head: `kfree ${object}` }
  }
}
