/** `relock export`: a machine or a run, for other tools. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { AnyStateMachine } from 'xstate'
import { parseSubject, printAddress } from '../../report/address.ts'
import * as errors from '../../report/errors.ts'
import { traceDot } from '../../report/formats/dot.ts'
import { itf } from '../../report/formats/itf.ts'
import { traceJson } from '../../report/formats/json.ts'
import { sequenceDiagram } from '../../report/formats/mermaid.ts'
import { machineFormatNames, runFormatNames, type RunFormat } from '../../report/formats/names.ts'
import { perfetto } from '../../report/formats/perfetto.ts'
import { sanitizerLog } from '../../report/formats/sanitizer.ts'
import { shiviz } from '../../report/formats/shiviz.ts'
import { runFileOf } from '../../report/save.ts'
import { machineFormats } from '../../report/statecharts/index.ts'
import { decided } from '../../scenarios/choices.ts'
import { builtInMachines, builtInScenario } from '../built-in.ts'
import type { Desk } from '../desk.ts'
import type { Done } from '../flags.ts'
import { locate, whatIsWrong, type Located } from '../located.ts'
import { withPermission, type Permission } from '../permit.ts'
import { isPath, scenarioNamed } from '../subject.ts'

/** The same word means another picture for a run. */
const runFormats = {
  mermaid: (run, lanes) => {
    const { trace, wrong } = whatIsWrong(run)
    return sequenceDiagram(trace, wrong, lanes)
  },
  dot: ({ trace }) => traceDot(trace),
  json: ({ trace, address }) => traceJson(trace, printAddress(address)),
  sanitizer: ({ trace }) => sanitizerLog(trace),
  perfetto: (run) => {
    const { trace, wrong } = whatIsWrong(run)
    return perfetto(trace, wrong)
  },
  itf: (run) => {
    const { trace, wrong } = whatIsWrong(run)
    return itf(trace, run.system.start, wrong)
  },
  shiviz: ({ trace }) => shiviz(trace),
} as const satisfies Readonly<Record<RunFormat, (run: Located, lanes?: readonly string[]) => string>>

const all: readonly string[] = [...new Set([...machineFormatNames, ...runFormatNames])]

/** How a machine, or a run, is written in this format. Throws a UserError that names those there are. */
const writerFor = <Writer>(format: string, writers: Readonly<Record<string, Writer>>, what: string): Writer => {
  if (!Object.hasOwn(writers, format)) throw errors.unknownFormat(format, Object.keys(writers), what)
  return writers[format]!
}

interface ExportFlags extends Permission {
  readonly lanes?: string
}

const exported = async (format: string, what: string, flags: ExportFlags, desk: Desk): Promise<number> => {
  const { lanes } = flags
  if (!all.includes(format)) throw errors.unknownFormat(format, all, 'machine|address')
  if (lanes !== undefined && format !== 'mermaid')
    throw errors.idleOption('--lanes', `with ${format}`, 'pictures of runs in mermaid')
  const machine = await machineNamed(what, format, desk)
  if (machine) {
    const write = writerFor(format, machineFormats, 'machine')
    if (lanes !== undefined) throw errors.idleOption('--lanes', 'to a machine', 'pictures of runs in mermaid')
    desk.out.write(write(machine.root))
    return 0
  }
  const write = writerFor(format, runFormats, 'address')
  desk.out.write(write(await locate(what, flags, desk), lanes?.split(',')))
  return 0
}

/** A machine that comes with relock, or one in a file of the user's: `./race.ts#inc`, by its own name or by that of an actor. */
const machineNamed = async (what: string, format: string, desk: Desk): Promise<AnyStateMachine | undefined> => {
  const [file = '', name = ''] = what.split('#')
  if (isPath(file) && !what.includes('@') && !file.endsWith('.json') && runFileOf(what) === undefined)
    return machineIn(file, name, desk)
  const catalogue = await builtInMachines()
  const machine = catalogue[what]
  if (machine || what.includes('@') || existsSync(what) || runFileOf(what) !== undefined) return machine
  if (await builtInScenario(parseSubject(what).scenario)) throw errors.notToExport(what, format)
  throw errors.unknownMachine(what, Object.keys(catalogue))
}

const machineIn = async (file: string, name: string, desk: Desk): Promise<AnyStateMachine> => {
  const scenario = await scenarioNamed(file, desk, { command: 'export' })
  const { actors } = scenario.world(decided(scenario.choices))
  const found = actors.find(({ id, machine }) => machine.id === name || id === name)
  if (found) return found.machine
  const names = [...new Set(actors.map(({ machine }) => machine.id))]
  throw errors.unknownMachine(
    `${file}#${name}`,
    names.map((each) => `${file}#${each}`),
  )
}

export const exportCommand = (root: Command, desk: Desk, done: Done): Command =>
  withPermission(
    root
      .command('export <format> <what>')
      .description(
        `${machineFormatNames.join(', ')} of a machine (./file.ts#name for one of yours); ${runFormatNames.join(', ')} of a run, by its address`,
      )
      .option('--lanes <names>', 'mermaid of a run: these lanes only (with commas); the rest becomes notes'),
  ).action(async (format: string, what: string, flags: ExportFlags) => done(await exported(format, what, flags, desk)))
