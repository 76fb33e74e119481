/** Help fits a terminal of eighty columns, and names every verb with what it takes. */
import { afterAll, expect, test } from 'vitest'
import { program } from '../../cli/program.ts'
import { silentDesk } from './at-desk.ts'
import { forget, relockIn, scratch, widest } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

const verbs = program(silentDesk(), () => {}).commands.map((each) => each.name())

test.each([[], ...verbs.map((verb) => [verb])])('of relock %s', async (...words) => {
  const { code, out } = await relock([...words, '--help'])
  expect(code).toBe(0)
  expect(widest(out)).toBeLessThanOrEqual(80)
  expect(out).toContain(`Usage: relock ${words.join(' ')}`.trimEnd())
})

test('every verb is there, with what it takes and without its options', async () => {
  const { out } = await relock(['--help'])
  const [, listed = ''] = out.split('Commands:\n')
  const named = [...listed.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name)
  expect(named).toEqual([...verbs, 'help'])
  expect(listed).toContain('  compare <scenario|family> [file]  ')
  expect(listed).not.toContain('[options]')
})
