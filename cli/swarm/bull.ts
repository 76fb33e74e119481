/** What relock asks of BullMQ and ioredis: told here, since nobody who does without them need have them, not even to compile relock. */
import type { Answer } from './job.ts'

interface Heard {
  readonly jobId: string
}

export interface QueuedJob {
  readonly data: unknown
  readonly finishedOn?: number
  readonly failedReason?: string
  readonly returnvalue: Answer
  updateProgress(progress: object): Promise<void>
}

export interface Queue {
  add(
    name: string,
    data: unknown,
    options?: {
      readonly jobId: string
      readonly delay: number
      readonly removeOnComplete: { readonly age: number }
      readonly removeOnFail: { readonly age: number }
    },
  ): Promise<QueuedJob>
  getJob(id: string): Promise<QueuedJob | undefined>
  remove(id: string): Promise<unknown>
  on(event: 'error', heard: (error: Error) => void): unknown
  close(): Promise<void>
}

export interface QueueEvents {
  on(event: 'completed' | 'failed' | 'active', heard: (told: Heard) => void): unknown
  on(event: 'progress', heard: (told: Heard & { readonly data: unknown }) => void): unknown
  on(event: 'error', heard: (error: Error) => void): unknown
  close(): Promise<void>
}

interface Worker {
  on(event: 'error', heard: (error: Error) => void): unknown
  on(event: 'lockRenewalFailed', heard: (ids: readonly string[]) => void): unknown
  cancelJob(id: string): unknown
  close(force?: boolean): Promise<void>
}

interface At {
  readonly connection: Redis
}

interface WorkerOptions extends At {
  readonly concurrency: number
  readonly lockDuration: number
  readonly stalledInterval: number
  readonly maxStalledCount: number
}

export interface Bull {
  readonly Queue: new (name: string, options: At) => Queue
  readonly QueueEvents: new (name: string, options: At) => QueueEvents
  readonly Worker: new (
    name: string,
    work: (job: QueuedJob, token: string | undefined, lost: AbortSignal) => Promise<Answer>,
    options: WorkerOptions,
  ) => Worker
}

export interface Redis {
  readonly status: string
  connect(): Promise<void>
  ping(): Promise<string>
  get(key: string): Promise<string | null>
  set(key: string, value: number, unit: 'PX', milliseconds: number): Promise<unknown>
  del(key: string): Promise<unknown>
  on(event: 'error', heard: (error: Error) => void): unknown
  on(event: 'close' | 'ready', heard: () => void): unknown
  disconnect(): void
}

interface RedisOptions {
  readonly lazyConnect: true
  readonly maxRetriesPerRequest: null
  readonly retryStrategy: (times: number) => number | null
}

export type Clients = Bull & { readonly Redis: new (url: string, options: RedisOptions) => Redis }

/** Both of them; throws what Node throws where one is not installed. */
export const clients = async (): Promise<Clients> => {
  const [bull, ioredis] = (await Promise.all(['bullmq', 'ioredis'].map((name) => import(name)))) as [
    Bull,
    Pick<Clients, 'Redis'>,
  ]
  return { ...bull, Redis: ioredis.Redis }
}
