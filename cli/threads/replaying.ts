/** Cases that other threads replay, in the order in which they will be compared. Whatever these cannot do is left to the thread that compares. */
import { Worker } from 'node:worker_threads'
import { replayCase, type CaseReplay } from '../../actors/kernel/system-calls/replay.ts'
import type { ProfileName } from '../../machines/profile.ts'
import type { Engines, ToReplay } from '../../conform/suite.ts'
import type { Case } from '../../conform/case.ts'

/** What can be said to another thread of a case that was replayed. */
export type Said = Pick<CaseReplay, 'results' | 'findings' | 'steps' | 'notRecorded'>

export interface AskedToReplay {
  readonly number: number
  readonly all: readonly { readonly script: Pick<Case, 'name' | 'ops'>; readonly profile: ProfileName }[]
}

/** Nothing for a case that cannot be replayed: why is found out where it is told. */
export interface ToldReplays {
  readonly number: number
  readonly said: readonly (Said | undefined)[]
}

/** So many cases at once; each thread has another lot waiting. */
const lot = 32
const ahead = 2

/** Fewer operations are replayed before a thread has begun. */
const worthwhile = 4000

export interface Replaying extends Pick<Required<Engines>, 'expect' | 'replay'> {
  /** Lets go of the threads. */
  end(): void
}

type Lot = readonly (Said | undefined)[]

/** In `many` threads that run `program`. */
export const replaying = (program: URL, many: number, least = worthwhile): Replaying => {
  const expected = new Map<Case, Promise<Said | undefined>>()
  const threads = new Set<Worker>()

  const expect = (all: readonly ToReplay[]): void => {
    if (all.reduce((ops, { one }) => ops + one.ops.length, 0) < least) return
    const lots = Array.from({ length: Math.ceil(all.length / lot) }, (_, at) => all.slice(at * lot, (at + 1) * lot))
    const answer: ((said: Lot) => void)[] = []
    for (const [number, cases] of lots.entries()) {
      const answered = new Promise<Lot>((resolve) => (answer[number] = resolve))
      for (const [at, { one }] of cases.entries())
        expected.set(
          one,
          answered.then((said) => said[at]),
        )
    }
    const waiting = lots.entries()
    const begin = (): void => {
      const thread = new Worker(program)
      const taken = new Set<number>()
      const next = (): void => {
        for (const [number, cases] of waiting) {
          taken.add(number)
          return thread.postMessage(asked(number, cases))
        }
      }
      threads.add(thread)
      thread.on('message', ({ number, said }: ToldReplays) => {
        taken.delete(number)
        answer[number]!(said)
        next()
      })
      // `exit` comes behind it.
      thread.on('error', () => {})
      thread.on('exit', () => {
        threads.delete(thread)
        for (const number of taken) answer[number]!([])
        if (threads.size === 0) for (const [number] of waiting) answer[number]!([])
      })
      for (let each = 0; each < ahead; each++) next()
    }
    for (let each = 0; each < many; each++) begin()
  }

  const replay = async (one: Case, profile: ProfileName): Promise<CaseReplay> => {
    const said = await expected.get(one)
    expected.delete(one)
    if (!said) return replayCase(one, profile)
    return { ...said, objectsAt: (index) => replayCase(one, profile).objectsAt(index) }
  }

  return {
    expect,
    replay,
    end() {
      for (const thread of threads) void thread.terminate()
    },
  }
}

const asked = (number: number, cases: readonly ToReplay[]): AskedToReplay => ({
  number,
  all: cases.map(({ one: { name, ops, iommu }, profile }) => ({
    script: { name, ops, ...(iommu && { iommu }) },
    profile,
  })),
})
