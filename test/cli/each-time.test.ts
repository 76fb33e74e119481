/** A file that asks for the time or for chance while it is read: told where it makes another model each time, and not where that reaches nothing. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { forget, processIn, scratch } from './run.ts'

const folder = scratch()
const relock = processIn(folder)
afterAll(() => forget(folder))

/** As a file has them; not called here. */
const [now, elapsed] = ['Date.now', 'performance.now'].map((name) => `${name}()`)

/** A machine whose file has a line of its own before it, line 2. */
const file = (
  line: string,
  context = 'kept: at',
  system = 'machine',
): string => `import { createMachine, assign } from 'xstate'; import { system } from 'relock/xstate'
${line}
const machine = createMachine({
  id: 'm', context: { ${context} }, initial: 'a',
  states: { a: { on: { GO: 'b' } }, b: { on: { BACK: 'a', TAKE: { actions: assign({ kept: at }) } } } },
})
export default ${system}
`

const explored = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return relock(['explore', `./${name}`])
}

describe('is told, with each place', () => {
  test.each([
    ['new Date()', 'const at = new Date()'],
    [now!, `const at = ${now} + 5000`],
    ['Math.random()', 'const at = Math.floor(Math.random() * 2)'],
    [elapsed!, `const at = ${elapsed}`],
  ])('%s: %s', async (what, line) => {
    const { code, out, err } = await explored('asks.ts', file(line))
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('./asks.ts is another model each time that it is read.')
    expect(err).toMatch(new RegExp(`\\./asks\\.ts:2:\\d+  ${what.replace(/[()]/g, String.raw`\$&`)}\n`))
    expect(err.match(/asks\.ts:\d+/g)).toEqual([expect.any(String)])
  })

  test('in a file that this one imports, and in JavaScript that Node reads by itself', async () => {
    writeFileSync(join(folder, 'times.ts'), `export const at: number = ${now}\n`)
    const { err } = await explored('imports.ts', file("import { at } from './times.ts'"))
    expect(err).toMatch(/times\.ts:1:\d+  Date\.now\(\)/)
    const plain = await explored('plain.mjs', file(`const at = ${now}`))
    expect(plain.err).toMatch(/\.\/plain\.mjs:2:\d+  Date\.now\(\)/)
  })

  test('in what may come from outside', async () => {
    const events = "system(machine, { events: ['GO', { type: 'BACK', at }] })"
    const { code, err } = await explored('comes.ts', file('const at = new Date()', 'kept: 0', events))
    expect(code).toBe(2)
    expect(err).toContain('comes.ts:2')
  })
})

describe('is nobody’s business', () => {
  test.each([
    [
      'where it reaches no state and no event',
      `const at = 1; const begun = ${elapsed}, day = new Date(); void begun, void day`,
    ],
    [
      'where the time is a fixed one',
      "const at = new Date('2026-01-01'), same = new Date(0), told = Date.parse('2026-01-01'); void same, void told",
    ],
  ])('%s', async (_, line) => {
    const { code, out } = await explored('quiet.ts', file(line))
    expect(code).toBe(0)
    expect(out).toContain('states, all of them')
  })

  test('and a Date is a Date while a file is read', async () => {
    const line =
      'const at = [new Date() instanceof Date, Object.prototype.toString.call(new Date()), typeof Date(), new Date(5).getTime(), Date.UTC(2026, 0)]'
    const { code } = await explored('dates.ts', file(line))
    expect(code).toBe(0)
  })
})
