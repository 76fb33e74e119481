/** The formats a machine is written in, by the names that `relock export` takes. */
import type { MachineFormat } from '../formats/names.ts'
import { printJson } from '../json.ts'
import { chartOf } from './chart.ts'
import { machineDot } from './dot.ts'
import { stateDiagram } from './mermaid.ts'
import type { Node } from './node.ts'
import { scxml } from './scxml.ts'
import { smcat } from './smcat.ts'
import { machineModule } from './xstate-module.ts'
import { machineJson } from './xstate.ts'

export const machineFormats = {
  mermaid: (root: Node): string => stateDiagram(chartOf(root)),
  dot: (root: Node): string => machineDot(chartOf(root)),
  json: (root: Node): string => printJson(machineJson(chartOf(root))),
  xstate: (root: Node): string => machineModule(chartOf(root)),
  scxml: (root: Node): string => scxml(chartOf(root)),
  smcat: (root: Node): string => smcat(chartOf(root)),
} as const satisfies Readonly<Record<MachineFormat, (root: Node) => string>>
