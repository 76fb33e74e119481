/** Where a test's failure is read: how wide that is, and whether it takes colour. */
import { openSync } from 'node:fs'
import { WriteStream } from 'node:tty'
import { makePage, wantsColour, type Page } from '../report/style.ts'

/** A runner's workers write to pipes; the terminal is still the one they were started from. */
const terminalColumns = (): number | undefined => {
  if (process.stdout.columns !== undefined) return process.stdout.columns
  try {
    const terminal = new WriteStream(openSync('/dev/tty', 'w'))
    const { columns } = terminal
    terminal.destroy()
    return columns
  } catch {
    // There is none, or it has no such name.
    return undefined
  }
}

let found: number | undefined

const columnsHere = (): number => {
  const told = Number(process.env['COLUMNS'])
  return Number.isInteger(told) && told > 0 ? told : (found ??= terminalColumns() ?? 80)
}

export interface PaperOptions {
  /** Default: the terminal's, or 80. */
  readonly columns?: number
  /** Default: what the terminal takes, unless NO_COLOR or FORCE_COLOR say otherwise. */
  readonly color?: boolean
}

export const paper = ({
  columns = columnsHere(),
  color = wantsColour(process.stdout, process.env),
}: PaperOptions): Page => makePage({ columns, colour: color })
