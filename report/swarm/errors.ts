/** What can go wrong with many machines, in words. */
import { UserError } from '../user-error.ts'
import { count } from '../words.ts'

export const notInstalled = (command: string): UserError =>
  new UserError(`relock ${command} needs BullMQ, which is not installed: npm install bullmq ioredis`)

export const noRedisUrl = (): UserError =>
  new UserError('REDIS_URL is no address of a Redis.', {
    evidence: ['It is redis://host:6379, or with TLS and a password rediss://:password@host:6379.'],
    attempt: 'REDIS_URL=redis://127.0.0.1:6379',
  })

export const noRedis = (at: string, why: string): UserError =>
  new UserError(`There is no Redis at ${at} that can be used.`, {
    evidence: [why],
    attempt: 'start one (redis-server), or say where one is: REDIS_URL=redis://host:6379',
  })

export const noTls = (): UserError =>
  new UserError('Certificates are for TLS, and REDIS_URL does not ask for it.', {
    attempt: 'REDIS_URL=rediss://host:6379, or leave out --cert, --key and --cacert',
  })

export const halfACertificate = (missing: 'cert' | 'key'): UserError =>
  new UserError(`--${missing === 'cert' ? 'key' : 'cert'} does nothing without --${missing}.`, {
    evidence: ['A certificate and its key are given together.'],
    attempt: `add --${missing} and its file`,
  })

export const unreadable = (what: string, why: string): UserError =>
  new UserError(`${what} cannot be read.`, { evidence: [why], attempt: 'give the path of a file in PEM format' })

export const noCertificate = (paths: readonly string[], why: string): UserError =>
  new UserError(`${paths.join(', ')}: nothing that TLS can use.`, {
    evidence: [why],
    attempt: 'give files in PEM format, a key without a passphrase, and the key of this very certificate',
  })

/** No worker takes it, for this reason. */
export const refused = (of: string, why: string): UserError =>
  new UserError(`${of} is refused by every worker that was asked.`, {
    evidence: [why],
    attempt: 'install the same relock everywhere, and start workers with --allow for files of your own',
  })

export const failed = (of: string, why: string): UserError =>
  new UserError(`${of}: a worker could not search it.`, { evidence: [why], attempt: `npx relock explore ${of}` })

export const wholeRuns = (of: string, property: string): UserError =>
  new UserError(`${of} cannot be cut: "${property}" is about whole runs.`, { attempt: 'leave out --cut' })

export const tooManyJobs = (of: string, depth: number, most: number): UserError =>
  new UserError(`--cut ${depth} makes more than ${count(most)} jobs of ${of}.`, { attempt: `--cut ${depth - 1}` })

export const notDeeper = (cut: number, depth: number): UserError =>
  new UserError(`--depth ${depth} ends before --cut ${cut}.`, { attempt: `--depth ${cut * 2}` })

export const oneTable = (names: readonly string[]): UserError =>
  new UserError(`--table is told of one scenario or family, and these are ${names.length}.`, {
    attempt: `npx relock swarm ${names[0]} --table`,
  })
