/** What `relock list` says, and where it leads: a screen first, then a family, a word, a story, everything. */
import { afterAll, describe, expect, test } from 'vitest'
import { builtInScenario } from '../../cli/built-in.ts'
import { families } from '../../scenarios/families.ts'
import { scenarios } from '../../scenarios/index.ts'
import { commands, forget, relockIn, scratch, widest } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

const names = scenarios.map(({ name }) => name)

test('every family of a scenario is listed with what it is about, and no other', () => {
  expect(new Set(Object.keys(families))).toEqual(new Set(scenarios.map(({ family }) => family)))
})

test('every scenario that is listed is found by its name', async () => {
  for (const each of scenarios) expect(await builtInScenario(each.name), each.name).toBe(each)
})

test('by itself it fits a terminal of 80 columns and 24 rows, prompt and command included', async () => {
  const { code, out } = await relock(['list'])
  expect(code).toBe(0)
  expect(widest(out)).toBeLessThanOrEqual(80)
  expect(out.split('\n').length).toBeLessThanOrEqual(23)
  for (const name of Object.keys(families)) expect(out).toMatch(new RegExp(`^ {2}${name} +\\d+ `, 'm'))
})

test('it counts every scenario once', async () => {
  const { out } = await relock(['list'])
  const counted = [...out.matchAll(/^ {2}[a-z-]+ +(\d+) /gm)].reduce((sum, [, n]) => sum + Number(n), 0)
  const mutants = Number(/(\d+) mutants/.exec(out)?.[1])
  expect(counted + mutants).toBe(names.length)
})

test('what it says to type next can be typed', async () => {
  const { out } = await relock(['list'])
  const next = commands(out).map((words) => words.join(' ').split('   ')[0]!.split(' '))
  expect(next.length).toBeGreaterThan(5)
  for (const words of next.filter(([verb]) => verb === 'list')) expect((await relock(words.slice(0, 2))).code).toBe(0)
})

describe('more of it', () => {
  test('a family has a line or two for each of its stories', async () => {
    for (const family of Object.keys(families)) {
      const { out } = await relock(['list', family])
      const stories = scenarios.filter((each) => each.family === family && each.mutantOf === undefined)
      for (const { name } of stories) expect(out).toContain(`\n  ${name} `)
      expect(widest(out)).toBeLessThanOrEqual(80)
      expect(out.split('\n').length).toBeLessThanOrEqual(2 * stories.length + 6)
    }
  })

  test('a word lists the stories in whose name, sentence, source or windows it occurs', async () => {
    const { out } = await relock(['list', 'V13-4'])
    expect(out).toContain('stolen-mapping')
    expect(out).not.toContain('late-pin')
  })

  test('a name tells everything of one story, and its mutants', async () => {
    const { out } = await relock(['list', 'no-notifier'])
    expect(out).toContain('M-2, B-03 ·')
    expect(out).toContain('--unmap per-mapping |')
    expect(out).toContain('no-notifier+silent-device')
    expect(out).not.toContain('deaf-driver')
  })

  test('--all tells everything of all', async () => {
    const { out } = await relock(['list', '--all'])
    for (const name of names) expect(out).toContain(`\n  ${name}\n`)
  })

  test('JSON is complete, whether or not --all is asked for', async () => {
    const { out } = await relock(['list', '--json'])
    expect((JSON.parse(out) as { scenarios: object[] }).scenarios).toHaveLength(names.length)
  })

  test('a word that occurs nowhere is answered with the families', async () => {
    const { code, err } = await relock(['list', 'xyzzyq'])
    expect(code).toBe(2)
    expect(err).toContain('shared-virtual-memory')
  })
})
