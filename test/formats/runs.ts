/** Runs that are exported: with a window and both sides, one that hangs, one that goes round for ever, one of system calls, one without a fault. */
import { eventually } from '../../explore/claims/properties.ts'
import { explore, replay } from '../../explore/index.ts'
import type { Property, Send, System } from '../../explore/system.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import { brokenClaim } from '../../report/claims.ts'
import { wrongIn, type Wrong } from '../../report/sides.ts'
import { decided } from '../../scenarios/choices.ts'
import { findScenario } from '../../scenarios/index.ts'

export interface Exported {
  readonly trace: Trace
  readonly start: readonly Send[]
  readonly wrong: Wrong | undefined
}

const first = async (system: System<any>, properties: readonly Property[], kind?: string): Promise<Exported> => {
  const { findings, properties: claims } = await explore(system, properties)
  const schedule = (findings.find((each) => each.kind === kind) ?? claims.find((each) => each.schedule))!.schedule!
  const trace = replay(system, schedule)
  return { trace, start: system.start, wrong: wrongIn(trace) ?? brokenClaim(system, properties, trace) }
}

const told = (name: string, unmap: string, kind: string): Promise<Exported> => {
  const scenario = findScenario(name)!
  return first(scenario.system(decided(scenario.choices, { unmap })), [], kind)
}

/** Two that answer each other for ever. */
const player = (id: string, other: string) => ({
  id,
  initial: 0n,
  accepts: () => true,
  receive: (n: bigint) => ({
    ...{ local: 1n - n, findings: [], notes: [], ignored: false },
    sends: [{ to: other, message: { type: 'BALL', from: id, odd: { '#tup': 1.5, '': null, __ret: undefined } } }],
  }),
  key: (n: bigint) => `${n}`,
  show: (n: bigint) => ({ state: n === 0n ? 'left' : 'right', data: { n, tag: 'x', minus: -(2n ** 64n) } }),
})

export const rally: System = {
  name: 'rally',
  fingerprint: 'rally',
  components: [player('#a;b "c"', 'b%%{<x>'), player('b%%{<x>', '#a;b "c"')],
  start: [{ to: '#a;b "c"', message: { type: 'BALL', from: 'env' } }],
  view: () => ({}),
}

const straight = (name: string, steps: number): Exported => {
  const system = findScenario(name)!.system(findScenario(name)!.choices.default)
  const zeros = Array.from({ length: steps }, () => 0)
  return { trace: replay(system, zeros), start: system.start, wrong: undefined }
}

export const runs = {
  'a use after free in the window': await told('stale-dma', 'per-mapping', 'use-after-free'),
  'a deadlock': await told('well-behaved', 'under-lock', 'deadlock'),
  'a run that goes round for ever': await first(rally, [eventually('somebody stops', () => false)]),
  'system calls': straight('two-containers', 30),
  'nothing wrong so far': straight('stale-dma', 40),
} as const satisfies Readonly<Record<string, Exported>>

export const each = Object.entries(runs)
