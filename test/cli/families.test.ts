/** `relock explore <family>`: every story of it, one summary, in as many threads as there are cores. */
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Desk } from '../../cli/desk.ts'
import { elsewhere, type Elsewhere } from '../../cli/threads/elsewhere.ts'
import type { Flags } from '../../cli/flags.ts'
import { run } from '../../cli/run.ts'
import { printSubject } from '../../report/address.ts'
import { UserError } from '../../report/user-error.ts'
import { findScenario, scenarios } from '../../scenarios/index.ts'
import { forget, processIn, relockIn, root, scratch, widest } from './run.ts'
import { documented, misfits, shapeOf } from './shapes.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

interface Document {
  readonly scenario: string
  readonly choices: Readonly<Record<string, string | number>>
  readonly seconds: number
  readonly bytesPerState: number
}

/** What depends on the machine. */
const timeless = (json: string): readonly object[] =>
  (JSON.parse(json) as readonly Document[]).map((each) => ({ ...each, seconds: 0, bytesPerState: 0 }))

const program = pathToFileURL(join(root, 'dist/relock-search.js'))

/** A desk with other threads, which is stopped as soon as a search says how far it is, if that is asked for. */
const saidAt = async (words: readonly string[], how: { readonly threads?: Elsewhere; readonly stops?: true } = {}) => {
  const stop = new AbortController()
  const said = { out: '', err: '' }
  const paper = (name: 'out' | 'err') => ({ isTTY: false, write: (text: string) => (said[name] += text) })
  const desk: Desk = {
    ...{ out: paper('out'), err: paper('err'), env: { COLUMNS: '80' }, files: [], stop: stop.signal },
    ...(how.threads && { elsewhere: how.threads }),
    line: () => Promise.resolve(undefined),
    runs() {},
    rounds: { before: undefined, read: () => new AbortController().signal, next: async () => undefined },
    known() {
      if (how.stops) stop.abort()
    },
  }
  return { code: await run(words, desk), ...said }
}

describe('one summary', () => {
  test('has a row for each story, fits 80 columns, and its verdict is the exit code', async () => {
    const { code, out } = await relock(['explore', 'register'])
    expect(code).toBe(1)
    expect(out).toMatch(/^✗ register {3}3 scenarios: 1 violated, 2 hold · /)
    for (const name of ['register-errnos', 'unregister-waits', 'three-party-deadlock'])
      expect(out).toContain(`│ ${name} `)
    expect(out).not.toContain('register-errnos+')
    expect(widest(out)).toBeLessThanOrEqual(80)
  })

  test('0 where all of them hold', async () => {
    const { code, out } = await relock(['explore', 'own-races', '--protocol', 'repaired'])
    expect({ code, first: out.split(' · ')[0] }).toEqual({
      code: 0,
      first: '✓ own-races,protocol=repaired   6 scenarios: 6 hold',
    })
  })

  test('3 where one of them is open', async () => {
    const { code, out } = await relock(['explore', 'register', '--states', '2'])
    expect(code).toBe(3)
    expect(out).toContain('3 undecided')
  })

  test('those that cannot be told with what was asked for are named, and the command to see one has it', async () => {
    const { out } = await relock(['explore', 'register', '--unmap', 'per-request'])
    expect(out).toContain('Not told with that: register-errnos.')
    expect(out).toContain('npx relock explore unregister-waits,unmap=per-request ')
  })

  test('what is violated can be looked at in full as it says, and with --all is told above it', async () => {
    const { out } = await relock(['explore', 'register', '--all'])
    expect(out).toContain('In full  npx relock explore unregister-waits ')
    expect(out).toContain('BUG: relock: kernel BUG in vfio_dma_do_unmap: retries')
    expect(out).toContain('✓ register-errnos,unmap=per-mapping,tasks=1   18 states, all of them')
  })

  test('a choice reaches those that have it; a value that nobody has is a slip', async () => {
    const { code, err } = await relock(['explore', 'register', '--unmap', 'gate'])
    expect(code).toBe(2)
    expect(err).toContain('Unknown protocol "gate".')
  })

  test('`all` is every story that is no mutant', async () => {
    const { code, out } = await saidAt(['explore', 'all', '--json', '--states', '1'], { stops: true })
    expect(code).toBe(3)
    const [first] = JSON.parse(out) as readonly Document[]
    expect(first?.scenario).toBe(scenarios[0]!.name)
    const { out: table } = await saidAt(['explore', 'all'], { stops: true })
    const stories = scenarios.filter(({ mutantOf }) => mutantOf === undefined)
    expect(table).toContain(`all   ${stories.length} scenarios: `)
  })
})

test('stopped by somebody, those that were not begun are named as such, and nothing is claimed of them', async () => {
  const { code, out } = await saidAt(['explore', 'register'], { stops: true })
  expect(code).toBe(3)
  expect(out).toContain('2 not searched')
  expect(out).toMatch(/│ three-party-deadlock │ \? open/)
  expect(out).toContain('three-party-deadlock  not searched: you stopped it')
})

test('each has a document, also those that nothing is known of, or that cannot be told so', async () => {
  const documents = async (...words: readonly string[]) => {
    const { code, out } = await saidAt([...words, '--json'], { stops: true })
    expect(code).toBe(3)
    return JSON.parse(out) as readonly { scenario: string; verdict?: string; why?: string; states?: number }[]
  }
  const why = (all: Awaited<ReturnType<typeof documents>>) => all.slice(1).map((each) => [each.verdict, each.why])
  const stopped = ['undecided', 'not searched: you stopped it']
  const family = await documents('explore', 'register')
  expect(family.map(({ scenario }) => scenario)).toEqual(
    scenarios.filter((each) => each.family === 'register' && each.mutantOf === undefined).map(({ name }) => name),
  )
  expect(why(family)).toEqual(family.slice(1).map(() => stopped))
  const shape = shapeOf(documented('every one of them is in the list'))
  expect(family.slice(1).flatMap((each) => misfits(each, shape))).toEqual([])
  expect(why(await documents('explore', 'late-pin', 'v1-tail'))).toEqual([stopped])
  const left = (await documents('explore', 'all', '--profile', '5.15')).filter(({ verdict }) => verdict === undefined)
  expect(left).toContainEqual({ version: 1, scenario: 'stale-dma', why: 'it cannot be told with what was asked for' })
})

test('compare, too, names the protocols that it has not come to', async () => {
  const { code, out } = await saidAt(['compare', 'late-pin'], { stops: true })
  expect(code).toBe(3)
  expect(out).toMatch(/│ gated +│ \? open/)
  expect(out).toMatch(/gated +not searched: you stopped it/)
})

describe('a thread that has no memory left', () => {
  /** Threads of which one search, the second, ends so, after it has found this. */
  const threads = (...findings: readonly string[]): Elsewhere => {
    let asked = 0
    const real = elsewhere(program, 1)
    return {
      ...real,
      search: (search, stop, heard) =>
        ++asked === 2 ? Promise.resolve({ outOfMemory: { states: 1234, findings } }) : real.search(search, stop, heard),
    }
  }

  test('leaves a family open, with what was known', async () => {
    const { code, out } = await saidAt(['explore', 'own-races', '--protocol', 'repaired'], { threads: threads() })
    expect(code).toBe(3)
    expect(out).toMatch(/^~ own-races,protocol=repaired {3}6 scenarios: 5 hold, 1 undecided · /)
    expect(out).toMatch(/│ ~ undecided │ – +│ +– │ +1,234\+ │/)
    expect(out.replace(/\s+/g, ' ')).toContain(
      'undecided: there was no memory left after 1,234 states; nothing was found so far',
    )
    expect(widest(out)).toBeLessThanOrEqual(80)
  })

  test('has found what it has found', async () => {
    const words = ['explore', 'own-races', '--protocol', 'repaired']
    const { code, out } = await saidAt(words, { threads: threads('use-after-free use-after-free in f') })
    expect(code).toBe(1)
    expect(out).toMatch(/^✗ own-races,protocol=repaired {3}6 scenarios: 1 violated, 5 hold · /)
    expect(out).toMatch(/│ ✗ violated {2}│ use-after-free +│ +– │ +1,234\+ │/)
  })

  test('leaves a comparison open, as a table and as JSON', async () => {
    const words = ['compare', 'late-pin', '--tasks', '1']
    const { code, out } = await saidAt(words, { threads: threads() })
    expect(code).toBe(1)
    expect(out).toMatch(/│ per-request +│ ~ undecided │/)
    const { unreported } = JSON.parse((await saidAt([...words, '--json'], { threads: threads() })).out) as {
      readonly unreported: readonly object[]
    }
    expect(unreported).toEqual([
      {
        protocol: 'per-request',
        why: 'undecided: there was no memory left after 1,234 states; nothing was found so far',
      },
    ])
  })

  test('leaves the table of a family open, and is named below it', async () => {
    const { out } = await saidAt(['compare', 'register'], { threads: threads() })
    expect(out).toContain('?  not looked at: you stopped it, or there was no memory left')
    expect(out.replace(/\s+/g, ' ')).toMatch(/\w+, \S+: undecided: there was no memory left after 1,234 states/)
    expect(widest(out)).toBeLessThanOrEqual(80)
  })
})

describe('in other threads', () => {
  test('what is told is the same, but for the time', async () => {
    const words = ['explore', 'register', 'own-races', '--json']
    const threads = elsewhere(program, 2)
    const [there, here] = [await saidAt(words, { threads }), await saidAt(words)]
    expect(there.code).toBe(here.code)
    expect(timeless(there.out)).toEqual(timeless(here.out))
  })

  test('Ctrl-C reaches those at work, and nobody begins another one', async () => {
    const threads = elsewhere(program, 1)
    const { code, out } = await saidAt(['explore', 'unmap', '--tasks', '1'], { threads, stops: true })
    expect([1, 3]).toContain(code)
    expect(out).toMatch(/not searched: you stopped it/)
  })

  test('a slip is told as it is here, with what is possible', async () => {
    const words = ['explore', 'register', '--strategy', 'directed', '--goal', 'nobody']
    const threads = elsewhere(program, 2)
    const [there, here] = [await saidAt(words, { threads }), await saidAt(words)]
    expect(there).toEqual(here)
    expect(there.code).toBe(2)
    expect(there.err).toMatch(/^Unknown property "nobody"\.\n\n {2}Possible:/)
  })

  test('what is found to be a slip only there is one here, too', async () => {
    const threads = elsewhere(program, 1)
    const { choices } = findScenario('stale-dma')!
    const flags = { strategy: 'directed', goal: 'nobody' } as Flags
    const search = { name: 'stale-dma', choices: choices.default, flags, taken: false }
    const failed = await threads.search(search, new AbortController().signal, () => {}).catch((error: unknown) => error)
    threads.end()
    expect(failed).toBeInstanceOf(UserError)
    expect(failed).toMatchObject({ message: 'Unknown property "nobody".', about: { possible: expect.any(Array) } })
  })

  test('what goes wrong there is a fault of ours, and told', async () => {
    const threads = elsewhere(program, 1)
    const scenario = findScenario('stale-dma')!
    await expect(
      threads.search(
        { name: 'nobody', choices: scenario.choices.default, flags: {} as never, taken: false },
        new AbortController().signal,
        () => {},
      ),
    ).rejects.toThrow('nobody is no built-in scenario')
    threads.end()
  })

  test('the program does so by itself, saves a run for each that is violated, and ends', async () => {
    const { code, out } = await processIn(folder)(['explore', 'register', '--html=register.html'])
    expect(code).toBe(1)
    expect(out).toContain('Saved    .relock/, a folder for each that is violated')
  })
})

const isTold = (each: Partial<Document>): each is Document => each.choices !== undefined

test('an address of a story says what was chosen for it', async () => {
  const { out } = await relock(['explore', 'register', '--unmap', 'restart', '--json'])
  // Those that cannot be told so have no choices.
  for (const { scenario, choices } of (JSON.parse(out) as readonly Partial<Document>[]).filter(isTold))
    expect(printSubject(scenario, choices)).toContain('unmap=restart')
})
