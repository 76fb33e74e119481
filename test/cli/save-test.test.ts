/** `relock replay --save-test`: which test is written, where, and when none is. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commands, forget, relockIn, scratch, type Outcome } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

const addressIn = (out: string): string => commands(out).find(([command]) => command === 'replay')![1]!
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8')
const lay = (file: string, text: string): void => writeFileSync(join(folder, file), text)

let address = ''

const keep = (file: string, ...more: readonly string[]): Promise<Outcome> =>
  relock(['replay', address, '--save-test', file, ...more])

beforeAll(async () => {
  address = addressIn((await relock(['explore', 'open-close-deadlock'])).out)
})
beforeEach(() => {
  rmSync(join(folder, 'tests'), { recursive: true, force: true })
  rmSync(join(folder, 'package.json'), { force: true })
})

/** What is said of what is refused; of what is not, that it is not. */
const refusal = async (said: Promise<Outcome>): Promise<string> => {
  const { code, out, err } = await said
  return code === 2 && out === '' ? err : `not refused: ${code}\n${out}`
}

describe('the runner', () => {
  test.each([
    ['what the test script runs', { scripts: { test: 'tsc && jest --ci' }, devDependencies: { vitest: '1' } }, 'Jest'],
    ['what the test script runs', { scripts: { test: 'node --test' }, devDependencies: { jest: '1' } }, 'node:test'],
    ['the one that is installed', { devDependencies: { vitest: '1' } }, 'Vitest'],
    ['the one that is installed', { dependencies: { jest: '1' } }, 'Jest'],
    ["Node's own without any", {}, 'node:test'],
  ])('is %s: %j', async (_, description, runner) => {
    lay('package.json', JSON.stringify(description))
    const { code, out, err } = await keep('tests/deep/run.test.mjs')
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(out).toContain(`Kept as a test in tests/deep/run.test.mjs, for ${runner}: `)
  })

  test('is asked for where there are two, and what is asked for wins', async () => {
    lay('package.json', '{ "devDependencies": { "vitest": "1", "jest": "1" } }')
    expect(await refusal(keep('tests/run.test.ts'))).toMatch(
      /This project has vitest and jest: which of them runs the test is not known\./,
    )
    expect(existsSync(join(folder, 'tests'))).toBe(false)
    expect((await keep('tests/run.test.ts', '--runner', 'jest')).code).toBe(1)
    expect(textOf('tests/run.test.ts')).toContain("import 'relock/jest'")
  })
})

describe('modules', () => {
  test.each([
    ['run.test.js', { type: 'module' }, 'node', "import { test } from 'node:test'"],
    ['run.test.js', {}, 'node', "const { test } = require('node:test')"],
    ['run.test.js', {}, 'vitest', "import { expect, test } from 'vitest'"],
    ['run.test.cjs', { type: 'module' }, 'jest', "require('relock/jest')"],
    ['run.test.ts', {}, 'jest', "import 'relock/jest'"],
  ])('are taken in as %s of %j under %s wants it', async (file, description, runner, line) => {
    lay('package.json', JSON.stringify(description))
    expect((await keep(`tests/${file}`, '--runner', runner)).code).toBe(1)
    expect(textOf(`tests/${file}`).split('\n')).toContain(line)
  })

  test('are not what Vitest takes in .cjs, and no test is called anything', async () => {
    expect(await refusal(keep('tests/run.test.cjs', '--runner', 'vitest'))).toMatch(/Vitest's tests are ES modules/)
    expect(await refusal(keep('tests/run.txt'))).toMatch(/the name of a test ends in \.ts, \.mts/)
    expect(existsSync(join(folder, 'tests'))).toBe(false)
  })
})

describe('what is written', () => {
  test('never takes the place of what is there', async () => {
    mkdirSync(join(folder, 'tests'))
    lay('tests/run.test.mjs', 'mine\n')
    expect(await refusal(keep('tests/run.test.mjs'))).toMatch(
      /tests\/run\.test\.mjs is there already, and is not overwritten\./,
    )
    expect(textOf('tests/run.test.mjs')).toBe('mine\n')
  })

  test('is said to lie where no runner looks for it', async () => {
    expect((await keep('tests/run.mjs')).out).toContain('Runners look for files named *.test.* unless they are told')
    expect((await keep('tests/run.test.mjs')).out).not.toContain('Runners look for')
  })

  test('is the same of an address and of its saved run', async () => {
    await keep('tests/one.test.mjs')
    const saved = await relock(['explore', 'open-close-deadlock'])
    const [, path = ''] = /Saved {4}(\S+)\{txt,trace\.json\}/.exec(saved.out) ?? []
    await relock(['replay', `${path}trace.json`, '--save-test', 'tests/other.test.mjs'])
    expect(textOf('tests/other.test.mjs')).toBe(textOf('tests/one.test.mjs'))
    expect(textOf('tests/one.test.mjs')).toMatch(/const finding = 'deadlock at \S+/)
  })
})

describe('nothing is written', () => {
  const expectNothing = (): void => expect(existsSync(join(folder, 'tests'))).toBe(false)

  test('of a run with which nothing is wrong', async () => {
    const [fine = ''] = /\S+@[0-9a-f]{12}:/.exec(address) ?? []
    expect(await refusal(relock(['replay', `${fine}0`, '--save-test', 'tests/run.test.mjs']))).toMatch(
      /Nothing is wrong with it: there is nothing for a test to claim\./,
    )
    expectNothing()
  })

  test('of several runs', async () => {
    expect(await refusal(relock(['replay', address, address, '--save-test', 'tests/run.test.mjs']))).toMatch(
      /--save-test keeps one run, and these are 2/,
    )
    expectNothing()
  })

  test('of a run that the model has no more', async () => {
    const saved = await relock(['replay', address, '--json'])
    const file = JSON.parse(
      saved.out
        .replaceAll(/@[0-9a-f]{12}/g, '@ffff')
        .replaceAll(/"fingerprint": "[0-9a-f]{12}"/g, '"fingerprint": "ffff"'),
    ) as { names: string[]; trace: { steps: { message: { type: string } }[] } }
    file.names = file.names.map((name) => name.replace(/\S+$/, 'NONE'))
    for (const { message } of file.trace.steps) message.type = 'NONE'
    lay('none.trace.json', JSON.stringify(file))
    expect(await refusal(relock(['replay', 'none.trace.json', '--save-test', 'tests/run.test.mjs']))).toMatch(
      /The model has no such run any more\./,
    )
    expectNothing()
  })

  test('and what is said of a test means nothing without one', async () => {
    expect(await refusal(relock(['replay', address, '--runner', 'jest']))).toMatch(
      /--runner does nothing without --save-test/,
    )
    expect(await refusal(relock(['replay', address, '--passes', 'found']))).toMatch(
      /--passes does nothing without --save-test/,
    )
    expect(await refusal(relock(['replay', address, '--json', '--save-test', 'tests/run.test.mjs']))).toMatch(/--json/)
    expectNothing()
  })
})
