/** What is handed in to other machines: what comes back, what is refused, and what is said when something is not there. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clients } from '../../cli/swarm/bull.ts'
import type { Answer } from '../../cli/swarm/job.ts'
import { staleDma } from '../../scenarios/unmap/stale-dma.ts'
import { forget, relockIn, root, scratch, widest, type Outcome } from '../cli/run.ts'
import { machine, type Machine } from './machines.ts'
import { OwnRedis, redisIsThere } from './redis.ts'

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

describe.runIf(redisIsThere)('with a Redis', () => {
  const folder = scratch()
  const machines: Machine[] = []
  /** One worker for all tests to which it does not matter who works. */
  let standing: Machine | undefined
  let redis: OwnRedis
  beforeAll(async () => {
    redis = await OwnRedis.start()
  })
  afterEach(async () => {
    for (const each of machines) each.kill()
    await Promise.all(machines.splice(0).map((each) => each.ended))
  })
  const nobodyWorks = async (): Promise<void> => {
    standing?.kill()
    await standing?.ended
    standing = undefined
  }
  afterAll(async () => {
    await nobodyWorks()
    await redis.forget()
    forget(folder)
  })

  const begin = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Machine => {
    const one = machine(folder, words, { REDIS_URL: redis.url, ...env })
    machines.push(one)
    return one
  }
  const working = ['worker', '--parallel', '1', '--lock', '30000']
  const worker = (...more: readonly string[]): Machine => begin([...working, ...more])
  const somebodyWorks = (): void => void (standing ??= machine(folder, working, { REDIS_URL: redis.url }))
  /** Of this process. */
  const ask = (...words: readonly string[]): Promise<Outcome> =>
    relockIn(folder)(words, { env: { REDIS_URL: redis.url } })
  /** Of one of its own. */
  const askApart = (...words: readonly string[]): Promise<Outcome> => begin(words).ended

  /** Without how long it took. */
  const timeless = (text: string): unknown =>
    JSON.parse(text, (key, value: unknown) => (['seconds', 'shards'].includes(key) ? undefined : value))

  test('a search elsewhere says what it says here; a table, too', async () => {
    somebodyWorks()
    for (const words of [['stale-dma'], ['late-pin', 'stolen-mapping']]) {
      const here = await ask('explore', ...words, '--json')
      const there = await askApart('swarm', ...words, '--json')
      expect(there.code, there.err).toBe(here.code)
      expect(timeless(there.out)).toEqual(timeless(here.out))
    }
    const [here, there] = [await ask('compare', 'stale-dma'), await ask('swarm', 'stale-dma', '--table')]
    expect(there).toMatchObject({ code: here.code, out: here.out })
  })

  test('with --forms every form is a job of its own, and what was chosen stays', async () => {
    worker()
    const { code, out, err } = await ask('swarm', 'after-exec', '--forms', '--json')
    const told = JSON.parse(out) as readonly { readonly choices: { readonly profile: string } }[]
    expect(told.map(({ choices }) => choices.profile)).toEqual(['5.15', '6.1', '7.2'])
    expect(err).toMatch(/3 jobs in/)
    const codes: number[] = []
    for (const each of told) {
      const here = await ask('explore', 'after-exec', '--profile', each.choices.profile, '--json', '--quiet')
      expect(timeless(JSON.stringify(each))).toEqual(timeless(here.out))
      codes.push(here.code)
    }
    expect(code).toBe(Math.max(...codes))
    const chosen = await ask('swarm', 'last-domain+read-later', '--as', 'repaired', '--forms', '--json')
    expect(JSON.parse(chosen.out)).toMatchObject({ choices: { as: 'repaired' } })
  })

  test('several seeds and strategies are one report, which says of each what came of it; times stand beside it', async () => {
    somebodyWorks()
    const { out, err } = await ask('swarm', 'stale-dma', '--strategies', 'random,pct', '--seeds', '2', '--runs', '30')
    expect(out).toContain('violated at depth')
    expect(out).toContain('of 4 searches · 4 jobs')
    expect(out).toContain('Found by')
    expect(out).not.toMatch(/\d s\b/)
    expect(err).toMatch(/4 jobs in .*s\./)
    expect(widest(out)).toBeLessThanOrEqual(80)
    const json = await ask('swarm', 'stale-dma', '--strategy', 'random', '--seeds', '3', '--runs', '30', '--json')
    expect(JSON.parse(json.out)).toMatchObject({
      sampled: { seed: 1, runs: 90, seeds: 3 },
      shards: [{ of: 'random, seed 1' }, { of: 'random, seed 2' }, { of: 'random, seed 3' }],
      addedUp: true,
    })
    expect(JSON.parse(json.out)).not.toHaveProperty('seconds')
  })

  test('a complete search among several decides: nothing wrong is found, and all states were seen', async () => {
    somebodyWorks()
    const { code, out } = await ask('swarm', 'same-address', '--strategies', 'pct,breadth', '--runs', '3')
    expect(code).toBe(0)
    expect(out).toContain('2,501 states, all of them')
  })

  test('a search that is cut says what the whole one says, and that its states are added up', async () => {
    somebodyWorks()
    const whole = JSON.parse((await ask('explore', 'stale-dma', '--json')).out) as Cut
    const { out, code } = await ask('swarm', 'stale-dma', '--cut', '3', '--json')
    const cut = JSON.parse(out) as Cut
    expect(code).toBe(1)
    expect(cut.exhaustive).toBe(true)
    expect(cut.addedUp).toBe(true)
    expect(cut.states).toBeGreaterThan(whole.states)
    const titles = ({ findings }: Cut) => findings.map(({ title, depth }) => `${depth} ${title}`)
    expect(titles(cut)).toEqual(titles(whole))
    expect((await ask('replay', cut.findings[0]!.address)).code).toBe(1)
  })

  test('a search in an order is handed in with it, whole and cut', async () => {
    somebodyWorks()
    const words = ['stale-dma', '--order', 'vmm0/unmap before vmm1/unmap', '--no-symmetry', '--json']
    const whole = await ask('explore', ...words)
    const there = await ask('swarm', ...words)
    expect(timeless(there.out)).toEqual(timeless(whole.out))
    const cut = JSON.parse((await ask('swarm', ...words, '--cut', '3')).out) as Cut & { readonly order: unknown }
    const { findings, order } = JSON.parse(whole.out) as Cut & { readonly order: unknown }
    expect([cut.exhaustive, cut.order, cut.findings.map(({ title }) => title)]).toEqual([
      true,
      order,
      findings.map(({ title }) => title),
    ])
    expect((await ask('swarm', 'unmap', '--order', 'vmm0/unmap before vmm1/unmap')).err).toContain(
      'is for one scenario',
    )
  })

  interface Cut {
    readonly exhaustive: boolean
    readonly states: number
    readonly addedUp?: boolean
    readonly findings: readonly { readonly title: string; readonly depth: number; readonly address: string }[]
  }

  test('the first that finds something ends what stands behind it, and the report does not depend on who was faster', async () => {
    const words = ['swarm', 'well-behaved', 'stale-dma', 'unmap', '--stop-at-first', '--json']
    somebodyWorks()
    const one = await ask(...words)
    for (let more = 0; more < 3; more++) worker()
    const four = await ask(...words)
    expect(four.out).toBe(one.out)
    const all = JSON.parse(one.out) as readonly { verdict: string; why?: string }[]
    expect(all.slice(0, 2).map(({ verdict }) => verdict)).toEqual(['holds', 'violated'])
    expect(new Set(all.slice(2).map(({ why }) => why))).toEqual(
      new Set(['not searched to its end: one before it has found something']),
    )
  })

  test('a search that takes longer than its lock is done once: who holds the lock is not who searches', async () => {
    await nobodyWorks()
    // Whoever searches does not even turn meanwhile, and needs no processor.
    writeFileSync(
      join(folder, 'waits.mjs'),
      `import { always } from 'relock'
import { findScenario } from 'relock/scenarios'
const told = findScenario('well-behaved')
let waits = 15000
const waiting = () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waits)
  waits = 0
  return true
}
export default { ...told, properties: () => [always('it takes its time', waiting)] }
`,
    )
    const one = begin(['worker', '--parallel', '1', '--lock', '6000', '--allow', './waits.mjs'])
    const words = ['swarm', './waits.mjs', '--strategy', 'random', '--runs', '999999999', '--ms', '15000', '--json']
    const { out, err } = await ask(...words)
    expect(JSON.parse(out)).toMatchObject({ stopped: { by: 'ms', bound: 15000 } })
    expect(err).not.toContain('again')
    expect(one.told.err.match(/Job \d/g)).toHaveLength(1)
  })

  test('what was searched before is searched again: no job has the id of another', async () => {
    await nobodyWorks()
    const one = worker()
    const [first, second] = [await ask('swarm', 'stale-dma', '--json'), await ask('swarm', 'stale-dma', '--json')]
    expect(second.out).toBe(first.out)
    // Who has asked may have ended before all that the worker says has come here.
    await one.says('Job ', 2)
    expect(one.told.err.match(/Job \d/g)).toHaveLength(2)
  })

  test('a worker that is stopped gives its search back, and another one ends it', async () => {
    await nobodyWorks()
    const one = worker()
    const asking = begin(['swarm', 'well-behaved', '--strategy', 'random', '--runs', '3000', '--json'])
    await one.says('Job 0')
    one.kill('SIGINT')
    expect((await one.ended).code).toBe(0)
    worker()
    const { out, err } = await asking.ended
    expect(JSON.parse(out)).toMatchObject({ sampled: { runs: 3000 } })
    expect(err).toContain('1 done again')
  })

  test('whose workers die again and again is undecided, and says so', async () => {
    await nobodyWorks()
    const asking = begin(['swarm', 'well-behaved', '--strategy', 'random', '--runs', '999999999', '--attempts', '1'])
    const one = begin(['worker', '--parallel', '1', '--lock', '500'])
    await one.says('Job 0')
    one.kill()
    begin(['worker', '--parallel', '1', '--lock', '500'])
    const { code, out } = await asking.ended
    expect(code).toBe(3)
    expect(out).toContain('undecided: its worker has died 1 time')
  })

  test('Ctrl-C without a worker: nothing is known, and nothing stays on the queue', async () => {
    await nobodyWorks()
    const asking = begin(['swarm', 'unmap', '--queue', 'stopped'])
    await asking.says('No worker has taken anything yet')
    asking.kill('SIGINT')
    const { code, out } = await asking.ended
    expect(code).toBe(3)
    expect(out).toContain('not searched: you stopped it')
    const keys = execFileSync('redis-cli', ['-p', `${redis.port}`, 'keys', '*'], { encoding: 'utf8' }).split('\n')
    // Of a job there is nothing but what it was called.
    expect(keys.filter((key) => /^bull:stopped:[\da-f]{8}-|^relock:stopped:/.test(key))).toEqual([])
    expect(keys).toContain('bull:stopped:meta')
  })

  describe('a worker refuses', () => {
    const choices = staleDma[0]!.choices.default
    const right = {
      ...{ version, swarm: 'test', index: 0, name: 'stale-dma', choices, files: {} },
      flags: { strategy: 'breadth', runs: 1, reduction: true, symmetry: true, ignored: 'show' },
      fingerprint: staleDma[0]!.system(choices).fingerprint,
    }

    let jobs = 0
    /** What a worker answers to a job of anybody's. */
    const answer = async (given: unknown): Promise<Answer> => {
      const { Redis, Queue } = await clients()
      const connection = new Redis(redis.url, {
        ...{ lazyConnect: true, maxRetriesPerRequest: null },
        retryStrategy: () => null,
      })
      await connection.connect()
      const queue = new Queue('relock', { connection })
      await connection.set('relock:relock:test', 1000, 'PX', 1_000_000)
      const kept = { age: 1000 }
      const id = `test-${jobs++}-0`
      await queue.add('search', given, { jobId: id, delay: 0, removeOnComplete: kept, removeOnFail: kept })
      let job = await queue.getJob(id)
      while (job!.finishedOn === undefined) job = await queue.getJob(id)
      const said = job!.returnvalue
      await queue.close()
      connection.disconnect()
      return said
    }

    const race = `import { writeFileSync } from 'node:fs'
import './beside.mjs'
writeFileSync('was-run', '')
export default {}
`

    test.each([
      ['another version', { ...right, version: '0.0.9' }, `it is of relock 0.0.9, and this worker of ${version}`],
      ['another model', { ...right, fingerprint: 'abc' }, `another model there (abc) than here (${right.fingerprint})`],
      ['a scenario that it has not', { ...right, name: 'no-such' }, 'there is no scenario no-such here'],
      ['choices that there are not', { ...right, choices: { tasks: 1, unmap: 'x' } }, 'is another model there'],
      ['what is no job', { ...right, flags: { rm: '-rf' } }, 'it is no job of relock: flags.rm is not known'],
      ['nothing', null, 'it is of relock undefined'],
    ])('%s', async (_, job, why) => {
      somebodyWorks()
      expect(await answer(job)).toMatchObject({ refused: expect.stringContaining(why) as string })
    })

    test('a file that it was not told to run, and one that is not the same; neither is run', async () => {
      await nobodyWorks()
      writeFileSync(join(folder, 'race.mjs'), race)
      writeFileSync(join(folder, 'beside.mjs'), 'export default 1\n')
      worker('--allow', './race.mjs')
      const of = (name: string) => answer({ ...right, name, files: { 'race.mjs': 'a', 'beside.mjs': 'b' } })
      writeFileSync(join(folder, 'other.mjs'), race)
      expect(await of('./other.mjs')).toMatchObject({
        refused: expect.stringContaining('--allow ./other.mjs') as string,
      })
      expect(await of('./race.mjs')).toMatchObject({ refused: 'of ./race.mjs, beside.mjs is not the same here' })
      expect(readdirSync(folder)).not.toContain('was-run')
    })

    test('and if all of them do, whoever has handed it in is told why', async () => {
      await nobodyWorks()
      const own = staleDma[0]!.name
      writeFileSync(
        join(folder, 'own.ts'),
        `import { scenarios } from 'relock/scenarios'\nexport default scenarios.find(({ name }) => name === '${own}')\n`,
      )
      const one = worker()
      const { code, err } = await ask('swarm', './own.ts')
      expect(code).toBe(2)
      expect(err).toContain('./own.ts is not run here unless this worker is told to: --allow ./own.ts')
      expect(err).toContain('is refused by every worker that was asked')
      one.kill()
      await one.ended
      worker('--allow', 'own.ts')
      const allowed = await ask('swarm', './own.ts')
      expect(allowed.code, allowed.err).toBe(1)
      expect(allowed.out).toContain('use-after-free in vfio_dma_do_unmap')
    })
  })

  test('what cannot be cut, or does nothing, is said', async () => {
    const [seeds, cut, table] = [
      await ask('swarm', 'stale-dma', '--seeds', '3'),
      await ask('swarm', 'stale-dma', '--strategy', 'pct', '--cut', '3'),
      await ask('swarm', 'stale-dma', 'late-pin', '--table'),
    ]
    expect([seeds.code, cut.code, table.code]).toEqual([2, 2, 2])
    expect(seeds.err).toContain('--seeds does nothing with breadth')
    expect(cut.err).toContain('--cut does nothing with pct')
    expect(table.err).toContain('--table is told of one scenario or family, and these are 2')
    const deep = await ask('swarm', 'stale-dma', '--cut', '9', '--depth', '5')
    expect(deep.err).toContain('--depth 5 ends before --cut 9')
  })
})

describe.runIf(redisIsThere)('a Redis', () => {
  const folder = scratch()
  afterAll(() => forget(folder))
  const words = ['swarm', 'stale-dma', '--json']
  const swarmAt = (env: Readonly<Record<string, string>>) => relockIn(folder)(words, { env })
  /** As a process: whom it trusts is decided when it starts. */
  const swarmTrusting = (env: Readonly<Record<string, string>>) => machine(folder, words, env).ended

  test('that is not there, or nowhere, is told', async () => {
    const gone = await OwnRedis.start()
    await gone.forget()
    const [nobody, nowhere] = [await swarmAt({ REDIS_URL: gone.url }), await swarmAt({ REDIS_URL: 'http://somewhere' })]
    expect([nobody.code, nowhere.code]).toEqual([2, 2])
    expect(nobody.err).toContain(`There is no Redis at ${gone.url} that can be used.`)
    expect(nobody.err).toContain('ECONNREFUSED')
    expect(nowhere.err).toContain('REDIS_URL is no address of a Redis')
  })

  test('with a password wants the right one, which is told to nobody', async () => {
    const redis = await OwnRedis.start({ password: 'open-sesame' })
    const right = { REDIS_URL: redis.url.replace('//', '//:open-sesame@') }
    const wrong = await swarmAt({ REDIS_URL: redis.url.replace('//', '//:barley@') })
    expect(wrong.code).toBe(2)
    expect(wrong.err).toContain('WRONGPASS')
    expect(wrong.err).not.toContain('barley')
    expect((await swarmAt({ REDIS_URL: redis.url })).err).toContain('NOAUTH')
    const worker = machine(folder, ['worker'], right)
    const { code, err } = await swarmAt(right)
    worker.kill('SIGINT')
    await worker.ended
    await redis.forget()
    expect(code, err).toBe(1)
    expect(worker.told.err).not.toContain('open-sesame')
  })

  test('is spoken to by TLS, if somebody vouches for it', async () => {
    const redis = await OwnRedis.start({ tls: true })
    const REDIS_URL = redis.url.replace('redis:', 'rediss:')
    const vouched = { REDIS_URL, NODE_EXTRA_CA_CERTS: redis.certificate }
    const unknown = await swarmTrusting({ REDIS_URL })
    expect(unknown.code).toBe(2)
    expect(unknown.err).toMatch(/self.signed certificate/)
    const worker = machine(folder, ['worker'], vouched)
    const { code, err } = await swarmTrusting(vouched)
    worker.kill('SIGINT')
    await worker.ended
    await redis.forget()
    expect(code, err).toBe(1)
  })
})

describe.runIf(redisIsThere)('a Redis that asks who is there', () => {
  const folder = scratch()
  afterAll(() => forget(folder))

  test('lets in whoever shows a certificate, and nobody else', async () => {
    const redis = await OwnRedis.start({ tls: 'mutual' })
    const env = { REDIS_URL: redis.url.replace('redis:', 'rediss:') }
    // It is its own authority, and vouches for itself.
    const trusts = ['--cacert', redis.certificate]
    const shown = [...trusts, '--cert', redis.certificate, '--key', redis.key]
    const asked = (...words: readonly string[]) => relockIn(folder)(['swarm', 'stale-dma', '--json', ...words], { env })
    const [stranger, nobody] = [await asked(...trusts), await asked('--cert', redis.certificate, '--key', redis.key)]
    expect([stranger.code, nobody.code]).toEqual([2, 2])
    expect(stranger.err).toMatch(/There is no Redis at \S+ that can be used\./)
    expect(nobody.err).toMatch(/self.signed certificate/)
    const worker = machine(folder, ['worker', ...shown], env)
    const { code, err } = await asked(...shown)
    worker.kill('SIGINT')
    await worker.ended
    await redis.forget()
    expect(code, err).toBe(1)
  })
})

test('certificates that are of no use are refused before anybody is asked', async () => {
  const folder = scratch()
  writeFileSync(join(folder, 'a.pem'), 'nothing')
  const asked = async (REDIS_URL: string, ...words: readonly string[]) => {
    const { code, err } = await relockIn(folder)(['swarm', 'stale-dma', ...words], { env: { REDIS_URL } })
    expect(code).toBe(2)
    return err.replace(/\s+/g, ' ')
  }
  const [plain, tls] = ['redis://127.0.0.1:1', 'rediss://127.0.0.1:1']
  const pem = join(folder, 'a.pem')
  expect(await asked(plain, '--cacert', pem)).toContain('REDIS_URL does not ask for it')
  expect(await asked(tls, '--cert', pem)).toContain('--cert does nothing without --key.')
  expect(await asked(tls, '--key', pem)).toContain('--key does nothing without --cert.')
  expect(await asked(tls, '--cacert', join(folder, 'b.pem'))).toMatch(/--cacert \S+b\.pem cannot be read\. ENOENT/)
  expect(await asked(tls, '--cert', pem, '--key', pem)).toContain('nothing that TLS can use')
  forget(folder)
})

test('where BullMQ is not installed, a line says how to install it, and everything else works', async () => {
  const folder = scratch()
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  mkdirSync(join(folder, 'node_modules'))
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!['bullmq', 'ioredis'].includes(name) && !name.startsWith('.'))
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  const program = join(folder, 'dist/relock.js')
  for (const command of [['swarm', 'stale-dma'], ['worker']]) {
    const { code, err } = await machine(folder, command, {}, undefined, program).ended
    expect(code).toBe(2)
    expect(err).toBe(`relock ${command[0]} needs BullMQ, which is not installed: npm install bullmq ioredis\n`)
  }
  const { code } = await machine(folder, ['explore', 'stale-dma', '--quiet'], {}, undefined, program).ended
  forget(folder)
  expect(code).toBe(1)
})
