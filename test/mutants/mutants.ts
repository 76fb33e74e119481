/** All mutants there are, by what they are about. */
import type { Mutant } from './mutant.ts'
import { ofCheckpoints } from './checkpoint.ts'
import { ofComparing } from './conform-compare.ts'
import { ofFollowing } from './follow.ts'
import { ofPrefixes } from './prefix.ts'
import { ofOtherIommus } from './other-iommu.ts'
import { ofOrders } from './order.ts'
import { ofOrbits } from './orbits.ts'
import { ofRaces } from './races.ts'
import { ofReading } from './conform-read.ts'
import { ofLocks } from './locks.ts'
import { ofMemory } from './memory.ts'
import { ofReduction } from './reduction.ts'
import { ofReplay } from './replay.ts'
import { ofSpilling } from './spill.ts'
import { ofScripts } from './scripts.ts'
import { ofSearch } from './search.ts'
import { ofStateless } from './stateless.ts'
import { ofSteps } from './steps.ts'
import { ofStore } from './store.ts'
import { ofStreams } from './streams.ts'
import { ofTables } from './tables.ts'
import { ofWaiting } from './for-ever.ts'
import { ofWorkers } from './workers.ts'

export const areas: Readonly<Record<string, readonly Mutant[]>> = {
  'the searches: bounds, findings, runs, samples, `eventually`': ofSearch,
  'checkpoints, and going on from them': ofCheckpoints,
  'threads that look ahead': ofWorkers,
  'threads that are alike': ofOrbits,
  'the stateless search, and what is dependent': ofStateless,
  'the set of states': ofStore,
  'states on the disk': ofSpilling,
  'the reduction and the claims it rests on': ofReduction,
  'the order of locks, and who waits for whom': ofLocks,
  'memory and leaks': ofMemory,
  'data races': ofRaces,
  'a system as tables': ofTables,
  'the trace of a run': ofReplay,
  'how a recorded run is followed': ofFollowing,
  'actors run live (`streams/`)': ofStreams,
  'claims about steps': ofSteps,
  'who waits for ever': ofWaiting,
  'what comes after a run': ofPrefixes,
  'an order of steps': ofOrders,
  'scripts whose way parts': ofScripts,
  'IOMMUs that can do more': ofOtherIommus,
  'how cases are read (`conform/`)': ofReading,
  'how they are compared and counted (`conform/`)': ofComparing,
}

export const mutants: readonly Mutant[] = Object.values(areas).flat()
