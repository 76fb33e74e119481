/** A thread that replays cases, lot by lot, as it is told. */
import { parentPort } from 'node:worker_threads'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import type { AskedToReplay, Said, ToldReplays } from './replaying.ts'

const port = parentPort!

const saidOf = ({ script, profile }: AskedToReplay['all'][number]): Said | undefined => {
  try {
    const { results, findings, steps, notRecorded } = replayCase(script, profile)
    return { results, findings, steps, ...(notRecorded && { notRecorded }) }
  } catch {
    return undefined
  }
}

port.on('message', ({ number, all }: AskedToReplay) => {
  const told: ToldReplays = { number, said: all.map(saidOf) }
  port.postMessage(told)
})
