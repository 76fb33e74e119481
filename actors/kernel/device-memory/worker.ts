/** The kernel thread that does what is put on the system's workqueue. */
import { workerCalled } from '../../scripts/tasks.ts'

export const kworkerTask = 'kworker'
export const workqueueId = 'events'

export const kworkerActor = workerCalled(kworkerTask, workqueueId)
