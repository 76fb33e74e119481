/** What the user wrote, as the name of a step: steps are named as the kernel would write them. */
import { isCell } from './object.ts'
import type { Locals } from './step.ts'

const longest = 40

/** `n > 0` of `({ n }) => n > 0`; `…` for what is too long to be a name. */
export function textOf(value: unknown): string {
  if (typeof value === 'function') return 'says' in value ? String(value.says) : textOfFunction(String(value))
  if (value === null) return 'NULL'
  if (typeof value === 'object' && !isCell(value)) return 'id' in value ? String(value.id) : '…'
  return typeof value === 'string' ? `"${value}"` : `${value as number | boolean | undefined}`
}

function textOfFunction(source: string): string {
  const [, parameter, text] = /^\(?\s*(\w*|\{[^}]*\})\s*\)?\s*=>\s*([\w.\s<>=!&|+\-*%()'"]+)$/.exec(source) ?? []
  if (text === undefined) return '…'
  const own = asWritten(parameter!, parameter === '' ? text : text.replaceAll(`${parameter}.`, ''))
  const words = laidOut(own)
  // What a bundler or a test runner renames would not be the same name everywhere.
  if (words.length > longest || words.includes('__')) return '…'
  return words.replaceAll('===', '==').replaceAll('!==', '!=')
}

/** A bundler calls a local by another name where its own is taken outside: `({ handle: handle2 }) => handle2`. */
const asWritten = (parameter: string, text: string): string =>
  [...parameter.matchAll(/(\w+)\s*:\s*(\w+)/g)].reduce(
    (so, [, local, renamed]) => so.replaceAll(new RegExp(`\\b${renamed}\\b`, 'g'), local!),
    text,
  )

/** However a bundler or a compiler has laid it out, it is the same name: names are part of the model, and so of addresses. */
const laidOut = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('"', "'")
    .replaceAll(/ ?([=!]==?|[<>]=?|&&|\|\||[+*%]) ?/g, ' $1 ')
    .replaceAll(/(?<=[\w)']) ?- ?/g, ' - ')
    .trim()

/** A value, or what a function of the locals gives. */
export const valueIn = (value: unknown): ((locals: Locals) => unknown) =>
  typeof value === 'function' ? (value as (locals: Locals) => unknown) : () => value
