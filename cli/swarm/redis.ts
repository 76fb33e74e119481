/** The queue that people run already: BullMQ on Redis. Neither is part of relock, and nobody else needs them. */
import * as errors from '../../report/swarm/errors.ts'
import type { Desk } from '../desk.ts'
import { certificatesFrom, type CertificateFlags } from './certificates.ts'
import { clients, type Bull, type Clients, type Redis } from './bull.ts'

export interface Connected {
  readonly bull: Bull
  readonly redis: Redis
  /** As it may be told: without a password. */
  readonly at: string
}

/** Where Redis is unless something else is said, as its clients have it. */
const byDefault = 'redis://127.0.0.1:6379'

const withoutPassword = (url: string): string => {
  try {
    const { protocol, hostname, port, pathname } = new URL(url)
    return `${protocol}//${hostname}${port === '' ? '' : `:${port}`}${pathname}`
  } catch {
    return 'REDIS_URL'
  }
}

const installed = async (command: string): Promise<Clients> => {
  try {
    return await clients()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') throw errors.notInstalled(command)
    throw cause
  }
}

/** Milliseconds until it is tried again. */
const soon = (times: number): number => Math.min(times * 100, 2000)

/** Throws a UserError where there is no Redis; once there was one, waits until it is back, whatever happens to it. */
export const connected = async (command: string, flags: CertificateFlags, desk: Desk): Promise<Connected> => {
  const { Redis, ...bull } = await installed(command)
  const url = desk.env['REDIS_URL'] ?? byDefault
  if (!/^rediss?:\/\/./.test(url)) throw errors.noRedisUrl()
  const tls = certificatesFrom(flags, url)
  const at = withoutPassword(url)
  let isThere = false
  let isAway = false
  let why: Error | undefined
  const redis = new Redis(url, {
    lazyConnect: true,
    ...(tls && { tls }),
    // As BullMQ wants it: whatever is asked waits until Redis is back.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (isThere ? soon(times) : null),
  })
  redis.on('error', (error: Error) => (why = error))
  redis.on('close', () => {
    if (isThere && !isAway && redis.status !== 'end')
      desk.err.write(`Redis at ${at} does not answer; waiting for it.\n`)
    isAway = true
  })
  redis.on('ready', () => {
    if (isThere && isAway) desk.err.write(`Redis at ${at} answers again.\n`)
    isAway = false
  })
  try {
    await redis.connect()
    await redis.ping()
  } catch (error) {
    redis.disconnect()
    throw errors.noRedis(at, (why ?? (error as Error)).message)
  }
  isThere = true
  return { bull, redis, at }
}
