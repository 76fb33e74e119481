/** The kernel thread that does what is put on the system's workqueue. */
import { kworker } from '../../machines/kernel/kworker.ts'
import type { ActorSpec } from '../world.ts'

export const kworkerTask = 'kworker'
export const workqueueId = 'events'

export const kworkerActor: ActorSpec = {
  id: kworkerTask,
  machine: kworker,
  input: { task: kworkerTask, queue: workqueueId },
  thread: kworkerTask,
}
