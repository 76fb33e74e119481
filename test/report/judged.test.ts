/** What became of an inversion: in a report, in lockdep's, in a comparison, in documents; and which of them count. */
import { describe, expect, test } from 'vitest'
import { assertHolds } from '../../index.ts'
import { explore, replay, type ExploreOptions } from '../../explore/index.ts'
import { lockdep, lockdepOf } from '../../explore/locks/lockdep.ts'
import type { Schedule } from '../../explore/outcome/report.ts'
import type { System } from '../../explore/system.ts'
import { compareTable } from '../../report/compare.ts'
import { familyTable, familyVerdict } from '../../report/family.ts'
import { exploreDocument } from '../../report/json.ts'
import { lockdepDocument, lockdepVerdict, tellLockdep, type LockdepSubject } from '../../report/lockdep-text.ts'
import { makePage } from '../../report/style.ts'
import { tellReport } from '../../report/text.ts'
import { overall } from '../../report/verdict.ts'
import * as lockOrders from '../toys/lock-orders.ts'

const page = makePage({ columns: 100 })
const refuted = lockOrders.gated()
const confirmed = lockOrders.untilKilled({ kills: false })
const spinning = lockOrders.besideSpinner()

const lookAt = async (system: System<any>, options: ExploreOptions = {}) => {
  const report = await explore(system, [], options)
  const traceOf = (schedule: Schedule) => replay(system, schedule)
  const told = tellReport({ scenario: 'story', choices: {}, report, traceOf }, page)
  const subject: LockdepSubject = {
    ...{ of: 'story', fingerprint: system.fingerprint, order: lockdepOf(report, traceOf), report, traceOf },
    ...{ addressOf: (schedule: Schedule) => `story@x:${schedule.join('.')}`, inversions: report.inversions },
  }
  return { report, told, subject, lockdep: tellLockdep(subject, page) }
}

describe('a report says', () => {
  test('that nobody is caught in it, and what to ask to have it not count', async () => {
    const { report, told } = await lookAt(refuted)
    expect(overall(report)).toBe('violated')
    expect(told).toContain('BUG: relock: lock-order: a → b → a')
    expect(told).toContain(
      '\n  Judged   refuted within this world: every order was looked at, and none hangs so\n  Replay   npx relock replay',
    )
    expect(told).not.toContain('Deadlock')
    expect(told).toContain('Hint: no run hangs so: `--inversions confirmed`')
  })

  test('that somebody is, and where', async () => {
    const { report, told } = await lookAt(confirmed)
    const [deadlock] = report.findings.filter(({ kind }) => kind === 'deadlock')
    expect(told).toMatch(/✗ lock-order: a → b → a · depth \d+ · t0 and t1 · confirmed\n/)
    const all = await explore(confirmed).then((again) =>
      tellReport({ scenario: 'story', choices: {}, report: again, traceOf: (s) => replay(confirmed, s) }, page, {
        all: true,
      }),
    )
    expect(all).toContain(`\n  Judged   confirmed: a run of ${deadlock!.depth} steps hangs so\n`)
    const [, address] = /\n {2}Deadlock npx relock replay (\S+)\n/.exec(all)!
    expect(all).toContain(`  Replay   npx relock replay ${address}\n`)
  })

  test('that it is not known, where not every order was looked at', async () => {
    const { told } = await lookAt(refuted, { reduction: false, within: { states: 90 } })
    expect(told).toContain('Judged   open: none that was looked at hangs so, and not every order was\n')
  })
})

describe('the order of locks says', () => {
  test('which inversions are which, and who waits for whom where it hangs', async () => {
    expect((await lookAt(refuted)).lockdep).toMatch(/^✗ story {3}1 inversion, refuted · /)
    const { lockdep: told, subject } = await lookAt(confirmed)
    expect(told).toMatch(/^✗ story {3}1 inversion, confirmed · /)
    expect(told).toMatch(
      /Judged {3}confirmed: a run of \d+ steps hangs so\n\n {4}t0 +waits for +t1 [^]*↺ t0 → t1 → t0\n[^]*\n {2}Replay {3}npx relock replay \S+\n {2}Deadlock npx relock replay \S+\n/,
    )
    expect(lockdepDocument(subject)).toMatchObject({
      ...{ verdict: 'violated', counted: 'all' },
      inversions: [{ judged: 'confirmed', deadlock: expect.stringMatching(/^story@x:/) as string }],
    })
  })

  test('that a run hangs in which somebody else goes on', async () => {
    const { lockdep: told } = await lookAt(spinning)
    expect(told).toMatch(
      /Judged {3}confirmed: a run of 6 steps hangs so\n {2}Replay [^]*\n {2}Deadlock npx relock replay/,
    )
  })

  test('of one run, that it hangs so, or nothing', async () => {
    const { report } = await lookAt(confirmed)
    const of = (title: string) => {
      const { schedule } = report.findings.find(({ kind }) => kind === title)!
      return lockdep(replay(confirmed, schedule)).inversions.map(({ judged }) => judged)
    }
    const { schedule } = report.findings.find(({ kind }) => kind === 'deadlock')!
    expect(of('deadlock')).toEqual([{ verdict: 'confirmed', schedule }])
    const alone = lockOrders.aloneBothWays()
    const [found] = (await explore(alone)).findings
    expect(lockdep(replay(alone, found!.schedule)).inversions.map(({ judged }) => judged)).toEqual([
      { verdict: 'open' },
    ])
  })
})

describe('where only those count that somebody is caught in', () => {
  const options = { inversions: 'confirmed' } as const

  test('one that is refuted is told, and violates nothing', async () => {
    const { report, told, subject } = await lookAt(refuted, options)
    expect(overall(report)).toBe('holds')
    expect(() => assertHolds(report)).not.toThrow()
    expect(told).toMatch(/^✓ story {3}\d+ states, all of them/)
    expect(told).toMatch(/do not count:\n {2}~ lock-order: a → b → a · depth \d+ · t0 and t1 · refuted\n/)
    expect(lockdepVerdict(subject)).toBe('holds')
    expect(exploreDocument('story', {}, report)).toMatchObject({
      ...{ verdict: 'holds', inversions: 'confirmed' },
      findings: [{ kind: 'lock-order', judged: 'refuted' }],
    })
  })

  test('one that is confirmed is a violation', async () => {
    for (const system of [confirmed, spinning]) {
      const { report, subject } = await lookAt(system, options)
      expect(overall(report)).toBe('violated')
      expect(() => assertHolds(report)).toThrow('lock-order: lock order a → b → a')
      expect(lockdepVerdict(subject)).toBe('violated')
    }
  })

  test('one that nobody has judged leaves it open', async () => {
    const { report, subject } = await lookAt(refuted, { ...options, reduction: false, within: { states: 90 } })
    expect(overall(report)).toBe('undecided')
    expect(lockdepVerdict(subject)).toBe('undecided')
  })

  test('a sample does not stop at one that may not count', async () => {
    const search = { random: { seed: 1, runs: 20 } }
    const stopped = await explore(refuted, [], { search, stopAtFirst: true })
    expect(stopped.stopped).toMatchObject({ by: 'first' })
    const went = await explore(refuted, [], { search, stopAtFirst: true, ...options })
    expect(went.stopped).toBeUndefined()
  })
})

test('a search that stops at the first violation goes on to the end for an inversion, and so judges it', async () => {
  const report = await explore(refuted, [], { stopAtFirst: true })
  expect(report).toMatchObject({ exhaustive: true, findings: [{ judged: { verdict: 'refuted' } }] })
})

test('side by side, what is refuted or open is said beside its kind', async () => {
  const rows = await Promise.all(
    [refuted, confirmed].map(async (system) => ({ protocol: system.name, report: await explore(system) })),
  )
  const table = compareTable('story', rows, page)
  expect(table).toMatch(/│ gated +│ ✗ violated +│ lock-order refuted +│/)
  expect(table).toMatch(/│ until killed +│ ✗ violated +│ deadlock, lock-order +│/)
  const counted = await explore(refuted, [], { inversions: 'confirmed' })
  expect(compareTable('story', [{ protocol: 'gated', report: counted }], page)).toMatch(
    /│ gated +│ ✓ holds +│ lock-order refuted +│ +– │/,
  )
})

test('in the table of a family, too', async () => {
  const family = async (options: ExploreOptions) => {
    const report = await explore(refuted, [], options)
    const searches = [{ scenario: 'gated', column: 'restart', choices: {}, properties: [], report }]
    return { family: 'unmap', asked: {}, columns: ['restart'], searches, kinds: [] }
  }
  const all = await family({})
  expect(familyVerdict(all)).toBe('violated')
  expect(familyTable(all, page)).toContain('lock order a → b → a refuted')
  const some = await family({ inversions: 'confirmed' })
  expect(familyVerdict(some)).toBe('holds')
  expect(familyTable(some, page)).toMatch(/│ no lock-order inversion +│ +✓ +│/)
})
