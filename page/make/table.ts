/** What was compared, as a page carries it: each cell that says something with a run leads to that run. */
import { replay } from '../../explore/runs/replay.ts'
import type { System } from '../../explore/system.ts'
import {
  claimOf,
  failures,
  rowsOf,
  runOf,
  sizeOf,
  type Cell,
  type FamilyReport,
  type Outcome,
  type Searched,
} from '../../report/family.ts'
import { printSubject } from '../../report/address.ts'
import { brokenClaim } from '../../report/claims.ts'
import { wrongIn } from '../../report/sides.ts'
import { visible } from '../../report/words.ts'
import type { Property } from '../../explore/system.ts'
import type { CellData, TableData } from '../data.ts'
import type { Book } from './book.ts'

/** The system and the properties of a search. */
export interface World {
  readonly system: System<any>
  readonly properties: readonly Property[]
}

const signs = {
  holds: 'yes',
  violated: 'no',
  undecided: 'bounded',
  unsearched: 'unknown',
  untold: 'none',
} as const satisfies Record<Outcome, CellData['sign']>

const words: Readonly<Record<Outcome, string>> = {
  holds: 'holds',
  violated: 'never seen',
  undecided: 'nothing wrong so far, but not every order was looked at',
  unsearched: 'not looked at: you stopped it',
  untold: 'no story tells of it, or what it is about never came up',
}

const first = <T>(list: readonly T[], find: (each: T) => number | undefined): number | undefined => {
  for (const each of list) {
    const found = find(each)
    if (found !== undefined) return found
  }
  return undefined
}

export const tableData = (family: FamilyReport, worldOf: (search: Searched) => World, book: Book): TableData => {
  const worlds = new Map<Searched, World>()
  const known = (search: Searched): World => {
    const world = worlds.get(search) ?? worldOf(search)
    worlds.set(search, world)
    return world
  }
  const shown = new Map<Searched, Map<string, number>>()
  /** A run in which something is seen that should be; the same for every cell that it is shown in. */
  const witness = (of: Searched, name: string): number | undefined => {
    const { report } = of
    const schedule = report?.properties.find((each) => each.name === name && each.verdict === 'seen')?.schedule
    if (!report || !schedule || schedule.length === 0) return undefined
    const runs = shown.get(of) ?? new Map<string, number>()
    shown.set(of, runs)
    const { system } = known(of)
    const title = visible(`${name}: ${of.scenario}`)
    const address = runOf(of, report, schedule)
    const run =
      runs.get(address) ?? book.run({ trace: replay(system, schedule), wrong: undefined, title, address }, system)
    runs.set(address, run)
    return run
  }
  /** The run that a cell leads to in which nothing is broken: what is claimed is seen in it, or what the same search was to show. */
  const shows = ({ said }: Cell, name: string): number | undefined =>
    first(said, ({ of }) => witness(of, name)) ??
    first(said, ({ of }) => first(of.report?.properties ?? [], (each) => witness(of, each.name)))
  const cellOf = (cell: Cell, name: string): CellData => {
    const [worst] = failures(cell)
    const sign = signs[cell.outcome]
    if (!worst?.schedule || !worst.of.report) {
      const run = shows(cell, name)
      return { sign, said: words[cell.outcome], ...(run !== undefined && { run }) }
    }
    const { of, schedule, title = name } = worst
    const { system, properties } = known(of)
    const trace = replay(system, schedule)
    const claims = properties.filter((each) => each.name === name)
    const wrong = brokenClaim(system, claims, trace) ?? wrongIn(trace, worst.title)
    const said = visible(`${title}: ${of.scenario}`)
    return {
      sign,
      said,
      run: book.run({ trace, wrong, title: said, address: runOf(of, of.report!, schedule) }, system),
    }
  }
  return {
    title: visible(printSubject(family.family, family.asked)),
    facts: sizeOf(family).map(visible),
    columns: family.columns.map(visible),
    rows: rowsOf(family, { all: true }).map((row) => ({
      name: visible(claimOf(row)),
      cells: row.cells.map((cell) => cellOf(cell, row.name)),
    })),
  }
}
