/** Engines whose answers are made up: what is compared, counted and told does not depend on Linux. */
import type { AnyRace, Case, Op, Result } from '../../conform/case.ts'
import type { ExploredRace } from '../../conform/race.ts'
import type { Engines } from '../../conform/suite.ts'

/** How an answer differs from what is recorded; nothing: it does not. */
export type Twist = (about: {
  readonly one: Case
  readonly op: Op
  readonly index: number
}) => Partial<Result> | undefined

const objects = [
  {
    id: 'container0',
    state: 'attached',
    data: { id: 'container0', groups: ['group0'], backend: { id: 'type1', gen: 0 } },
  },
  { id: 'container0.type1', state: 'v2', data: { dmas: [{ iova: 0x1000n, size: 0x1000n }], avail: 65534 } },
  { id: 'container0.iommu.lock', state: 'free', data: { id: 'container0.iommu.lock', holder: null } },
]

export const errno = (err: string): Partial<Result> => ({ ret: -1, err })

/** One of the two that race might have failed. */
const refused = ({ op, proc }: Op, result: Result): Result =>
  op === 'await' && proc === 't1' ? { ...result, ...errno('EBUSY') } : result

const undefinedOut = (result: object): Result =>
  Object.fromEntries(Object.entries(result).filter(([, value]) => value !== undefined))

/** Answers as recorded, where there is a record, with a twist. */
export const echo = (twist: Twist = () => undefined): Engines => ({
  replay: (one) => ({
    results: one.ops.map((op, index) =>
      undefinedOut({ ...(one.results?.[index] ?? { ret: 0 }), ...twist({ one, op, index }) }),
    ),
    findings: [],
    steps: one.ops.length,
    objectsAt: (index) => (index < one.ops.length ? objects : []),
  }),
  race: (race, profile) => Promise.resolve(explored(race, profile)),
})

/** Finds the first recorded outcome possible and no other; and one that nobody saw. */
const explored = (
  { name, ops, outcomes: [first, ...others] = [] }: AnyRace,
  profile: ExploredRace['profile'],
): ExploredRace => ({
  name,
  profile,
  fingerprint: 'ab12',
  states: 1234,
  exhaustive: true,
  possible: [
    { results: first!.results, count: first!.count, schedule: [0, 1, 1] },
    { results: ops.map((op, index) => refused(op, first!.results[index]!)), count: 0, schedule: [0, 0, 1] },
  ],
  impossible: others,
  findings: [],
})
