/** Where in the user's file something is claimed. */
import { readFileSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'

export interface Place {
  /** From the folder in which relock runs, with slashes. */
  readonly path: string
  /** From 1 on. */
  readonly line: number
}

const lineOf = (text: string, found: number): number => text.slice(0, found).split('\n').length

/** The line that says the name of a claim; otherwise where the scenario is exported. Undefined: the file cannot be read. */
export const placeOf = (file: string, claim?: string): Place | undefined => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  const path = relative(process.cwd(), resolve(file)).split(sep).join('/')
  const named = claim === undefined ? -1 : text.indexOf(claim)
  return {
    path,
    line: lineOf(text, named >= 0 ? named : Math.max(0, text.search(/^export default|^module\.exports/m))),
  }
}
