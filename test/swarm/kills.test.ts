/**
 * The report of many machines is the same, byte for byte, however many there are, whoever of them is killed while he is at work, and when Redis is
 * killed and comes back with what it has written down. RELOCK_SEEDS=<n> kills n workers (200 take a quarter of an hour); RELOCK_SEED=<seed> kills in
 * the same places again.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forget, scratch } from '../cli/run.ts'
import { randomFrom } from '../../explore/sampling/random.ts'
import { machine, type Machine } from './machines.ts'
import { OwnRedis, redisIsThere } from './redis.ts'

const kills = Number(process.env['RELOCK_SEEDS'] ?? 10)
const seed = Number(process.env['RELOCK_SEED'] ?? 1)
const workers = 4

/** Several kinds of jobs, most of them long enough to be killed in. */
const search = [
  ...['swarm', 'stale-dma', 'late-pin', '--strategies', 'breadth,random,pct', '--seeds', '3', '--runs', '200'],
  ...['--attempts', '1000', '--json'],
]

describe.runIf(redisIsThere)('many machines', () => {
  const folder = scratch()
  let redis: OwnRedis
  beforeAll(async () => {
    redis = await OwnRedis.start()
  })
  afterAll(async () => {
    await redis.forget()
    forget(folder)
  })

  const env = (): Readonly<Record<string, string>> => ({ REDIS_URL: redis.url })
  const worker = (heard?: (text: string) => void): Machine =>
    machine(folder, ['worker', '--parallel', '1', '--lock', '2000'], env(), heard)

  test(`say the same with ${kills} kills of four workers and a Redis that was killed, too, as one worker says`, async () => {
    const alone = worker()
    const first = await machine(folder, search, env()).ended
    alone.kill()
    await alone.ended
    expect(first.code, first.err).toBe(1)
    const random = randomFrom(seed)
    const [all, deaths] = [new Set<Machine>(), { killed: 0, redis: 0 }]
    let isOver = false
    /** Works until it is killed, in the middle of its first, second or third job; then another takes its place. */
    const hire = (): void => {
      let left = 1 + Math.floor(random() * 3)
      const one = worker((text) => {
        left -= text.split('Job ').length - 1
        if (left > 0 || deaths.killed >= kills) return
        left = Infinity
        deaths.killed++
        one.kill()
      })
      all.add(one)
      void replaced(one)
    }
    const replaced = async (one: Machine): Promise<void> => {
      await one.ended
      all.delete(one)
      if (!isOver) hire()
    }
    for (let nth = 0; nth < workers; nth++) hire()
    const said: string[] = []
    let again = 0
    while (deaths.killed < kills || deaths.redis === 0) {
      const asking = machine(folder, search, env())
      if (deaths.redis === 0) {
        // Something has been taken by now, and something has not.
        await Promise.race([asking.ended, ...[...all].map((each) => each.says('Job '))])
        await redis.kill()
        deaths.redis++
        await redis.begin()
      }
      const { out, code, err } = await asking.ended
      expect(code, `RELOCK_SEED=${seed}\n${err}`).toBe(1)
      again += Number(/(\d+) done again/.exec(err)?.[1] ?? 0)
      said.push(out)
    }
    isOver = true
    for (const each of all) each.kill()
    await Promise.all([...all].map((each) => each.ended))
    for (const out of said) expect(out === first.out, `RELOCK_SEED=${seed}`).toBe(true)
    expect(deaths).toEqual({ killed: kills, redis: 1 })
    // Otherwise nobody was killed in the middle of anything.
    expect(again).toBeGreaterThan(0)
    if (process.env['RELOCK_SEEDS'] !== undefined)
      process.stderr.write(
        `${kills} kills, ${said.length} searches of ${JSON.parse(first.out).length} reports, ${again} jobs done again\n`,
      )
  })
})
