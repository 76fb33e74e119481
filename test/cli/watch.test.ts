/** `relock watch`: a scenario file, explored again when it, or what it imports, is saved. */
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { forget, relockIn, root, scratch, start, type Started } from './run.ts'

/** Two threads that count; what one of them does between its read and its write is `between`. */
const race = ({ between = '', more = '' } = {}): string => `
import { always, field, kernel, mutex, mutex_lock, mutex_unlock, procedure, read, toScenario, write } from 'relock/kernel'
const m = mutex('m')
const counter = field('counter', 0)
const inc = procedure('inc', { n: 0 }, [mutex_lock(m), read(counter, 'n'), ${between} write(counter, ({ n }) => n + 1), mutex_unlock(m)])
export default toScenario({
  name: 'race',
  world: () => kernel({ threads: { a: inc, b: inc } }),
  properties: [always('both count', (w) => w.field('counter') === 2, { when: (w) => w.finished })],
})
${more}`

const mended = race()
const broken = race({ between: 'mutex_unlock(m), mutex_lock(m),' })

interface Said {
  readonly out: string
  readonly err: string
}

interface Watching {
  readonly folder: string
  readonly program: Started
  /** What it has said when it began to watch. */
  readonly first: Said
  save(file: string, text: string): void
  /** What it says next until it waits again; these words are in it. */
  next(words?: string): Promise<Said>
}

const opened: Watching[] = []
afterEach(async () => {
  for (const { program, folder } of opened.splice(0)) {
    program.interrupt('SIGKILL')
    await program.ended
    forget(folder)
  }
})

const waits = /Ctrl-C ends\.|Waiting for a change\./g

interface With {
  readonly words?: readonly string[]
  /** What is installed: by name, where it lies. */
  readonly packages?: Readonly<Record<string, string>>
}

/** Watches the first of these files. */
const watching = async (
  files: Readonly<Record<string, string>>,
  { words = [], packages = {} }: With = {},
): Promise<Watching> => {
  const folder = scratch()
  for (const [name, lies] of Object.entries(packages)) {
    mkdirSync(join(folder, 'node_modules'), { recursive: true })
    symlinkSync(lies, join(folder, 'node_modules', name))
  }
  const save = (file: string, text: string): void => writeFileSync(join(folder, file), text)
  for (const [file, text] of Object.entries(files)) save(file, text)
  const program = start(folder, ['watch', `./${Object.keys(files)[0]}`, '--quiet', ...words])
  let rounds = 0
  let heard = { out: 0, err: 0 }
  const next = async (expected = ''): Promise<Said> => {
    rounds++
    const since = (): Said => ({ out: program.told.out.slice(heard.out), err: program.told.err.slice(heard.err) })
    // What is printed and what is said come on two ways, and either may come first.
    await program.until(
      ({ err }) => {
        const { out, err: said } = since()
        return (err.match(waits) ?? []).length >= rounds && `${out}${said}`.includes(expected)
      },
      `for the ${rounds}. time that it waits, and with it ${JSON.stringify(expected)}`,
    )
    const said = since()
    heard = { out: program.told.out.length, err: program.told.err.length }
    return said
  }
  const made = { folder, program, save, next }
  opened.push({ ...made, first: { out: '', err: '' } })
  return { ...made, first: await next() }
}

const everyTime = (text: string): string => text.replaceAll(/\d+(?:\.\d)? m?s\b/g, 'a time').replaceAll(/\s+/g, ' ')
const sinceBefore = (...lines: readonly string[]): string => ['  Since the save before:', ...lines, ''].join('\n')

describe('what is saved is explored', () => {
  test('and what that mends is gone, what it breaks is new', async () => {
    const { save, next, first, folder } = await watching({ 'race.ts': broken })
    expect(first.err).toBe('Watching ./race.ts. Ctrl-C ends.\n')
    save('race.ts', mended)
    const second = await next(sinceBefore('    gone      both count: holds', '    states    43 → 24'))
    expect(second.out).toContain('✓ always      both count')
    save('race.ts', broken)
    const third = await next(sinceBefore('    new       both count (depth 30)', '    states    24 → 43'))
    const { out } = await relockIn(folder)(['explore', './race.ts'])
    expect(everyTime(third.out)).toContain(everyTime(out))
  })

  test('and a run that takes fewer steps is shorter', async () => {
    const { save, next } = await watching({ 'race.ts': broken })
    save(
      'race.ts',
      broken.replace('[mutex_lock(m), read', '[read').replace('mutex_unlock(m), mutex_lock', 'mutex_lock'),
    )
    expect((await next('    shorter   both count: depth 30 → 22\n')).out).toContain(
      '    shorter   both count: depth 30 → 22\n',
    )
  })

  test('and without a difference that is said', async () => {
    const { save, next } = await watching({ 'race.ts': broken })
    save('race.ts', `${broken}\n// The same.\n`)
    expect((await next('  Since the save before: no difference.\n')).out).toContain(
      '  Since the save before: no difference.\n',
    )
  })

  test('when an editor replaces the file by another of the same name', async () => {
    const { folder, save, next } = await watching({ 'race.ts': broken })
    for (const text of [mended, broken]) {
      save('race.ts.new', text)
      renameSync(join(folder, 'race.ts.new'), join(folder, 'race.ts'))
      const words = text === mended ? 'gone' : 'new'
      expect((await next(words)).out).toContain(words)
    }
  })

  test('once, however often it was saved in a row', async () => {
    const { program, save, next } = await watching({ 'race.ts': broken })
    // It sees them all at once, however busy the machine is.
    program.interrupt('SIGSTOP')
    for (let save_ = 0; save_ < 5; save_++) save('race.ts', `${broken}\n// ${save_}`)
    save('race.ts', mended)
    program.interrupt('SIGCONT')
    expect((await next('gone')).out).toContain('gone')
    program.interrupt()
    const { out } = await program.ended
    expect(out.match(/Since the save before/g)).toHaveLength(1)
  })

  test('and what it imports is watched, too', async () => {
    const { save, next, first } = await watching({
      'race.ts': broken
        .replace(/const inc = .*/, "import { inc } from './inc.ts'")
        .replace(/const m = .*\nconst counter.*/, ''),
      'inc.ts': inItsOwnFile(broken),
    })
    expect(first.err).toBe('Watching ./race.ts and 1 file of yours that it imports. Ctrl-C ends.\n')
    save('inc.ts', inItsOwnFile(mended))
    expect((await next('gone      both count')).err).toContain(
      '4 of 6 actors as before; asked anew: a/inc and b/inc.\n',
    )
  })
})

/** The procedure alone. */
const inItsOwnFile = (text: string): string =>
  text.replace('const inc', 'export const inc').replace(/export default [^]*$/, '')

describe('what did not change is not asked again', () => {
  test('an actor whose chart is in a file that was not saved', async () => {
    const { save, next } = await watching({
      'race.ts': broken
        .replace(/const inc = .*/, "import { inc } from './inc.ts'")
        .replace(/const m = .*\nconst counter.*/, ''),
      'inc.ts': inItsOwnFile(broken),
    })
    save('race.ts', `${readFileSync(join(opened[0]!.folder, 'race.ts'), 'utf8')}\n// The same.`)
    expect((await next('no difference')).err).toContain('6 of 6 actors as before.\n')
  })

  test('a procedure that is written as it was, beside one that is not', async () => {
    const two = (amount: number): string =>
      broken
        .replace(
          'export default',
          `const add = procedure('add', { n: 0 }, [read(counter, 'n'), write(counter, ({ n }) => n + ${amount})])\nexport default`,
        )
        .replace('b: inc', 'b: inc, c: add')
    const { save, next } = await watching({ 'race.ts': two(2) })
    save('race.ts', two(3))
    expect((await next('Since the save before')).err).toContain('7 of 8 actors as before; asked anew: c/add.\n')
  })

  test('but where Node itself reads the file, everything is', async () => {
    const { save, next } = await watching({ 'race.mjs': broken }, { packages: { relock: root } })
    save('race.mjs', mended)
    expect((await next('gone      both count')).err).toContain('0 of 6 actors as before; asked anew: ')
  })
})

describe('a save that cannot be explored is told, and the next one is explored', () => {
  test.each<[string, string, readonly string[]]>([
    ['a slip in its syntax', `${broken}\nconst x = {`, ['./race.ts cannot be read.', '/race.ts:12:']],
    ['an import that leads nowhere', `import './nowhere.ts'\n${broken}`, ['./race.ts cannot be read.', 'nowhere.ts']],
    [
      'a top level that throws',
      `${broken}\nthrow new Error('mine')`,
      ['./race.ts cannot be read.', 'mine', './race.ts:12:'],
    ],
    ['one that goes round for ever', `${broken}\nfor (;;) {}`, ['./race.ts does not come back.', './race.ts:12:']],
    ['one that ends the process', `${broken}\nprocess.exit(0)`, ['./race.ts ended the program.', './race.ts:12:']],
    [
      'a property that goes round for ever',
      broken.replace('(w) => w', '(w) => { for (;;); }, (w) => w'),
      ['./race.ts does not come back.', './race.ts:9:'],
    ],
    ['no scenario', 'export default 1', ['./race.ts is not a scenario.']],
  ])('%s', async (_, text, words) => {
    // What goes round for ever is given the least there is, and so is all else, whose search may then be cut on a busy machine.
    const isEndless = text.includes('for (;;)')
    const { save, next, program } = await watching({ 'race.ts': broken }, { words: isEndless ? ['--ms', '1000'] : [] })
    save('race.ts', text)
    const { err } = await next()
    for (const word of words) expect(err).toContain(word)
    expect(err).not.toContain('fault in relock')
    save('race.ts', mended)
    // As compared with the last that could be explored.
    const compared = isEndless ? '' : 'gone      both count: holds'
    expect((await next(compared)).out).toContain(compared)
    program.interrupt()
    expect(isEndless ? [0, 2, 3] : [0]).toContain((await program.ended).code)
  })

  test('an import that is there at last', async () => {
    const { save, next, first } = await watching({ 'race.ts': `import './late.ts'\n${broken}` })
    expect(first.err).toContain('./race.ts cannot be read.')
    save('late.ts', 'export {}')
    expect((await next('both count')).err).toBe(
      'Watching ./race.ts and 1 file of yours that it imports. Ctrl-C ends.\n',
    )
  })

  test('a mended file, while the one before still goes round', async () => {
    const { save, next, program } = await watching({ 'race.ts': broken })
    save('race.ts', `${broken}\nimport { writeSync } from 'node:fs'\nwriteSync(2, 'round it goes')\nfor (;;) {}`)
    await program.says('round it goes')
    save('race.ts', mended)
    expect((await next('gone      both count: holds')).out).toContain('gone      both count: holds')
  })

  test('a smaller world, while a larger one is searched', async () => {
    const { save, next, program } = await watching({ 'race.ts': mended })
    const threads = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `${name}: inc`).join(', ')
    const large = broken.replace('a: inc, b: inc', threads).replace('w.finished', 'told() && w.finished')
    save(
      'race.ts',
      `${large}\nimport { writeSync } from 'node:fs'\nfunction told() { writeSync(2, 'it begins'); return true }`,
    )
    await program.says('it begins')
    save('race.ts', broken)
    expect((await next('new       both count (depth 30)')).out).toContain('new       both count (depth 30)')
    // Of the large one nothing is told.
    expect(program.told.out.match(/ states? ·| states, all of them/g)).toHaveLength(2)
  })
})

test.each<[string, string, number]>([
  ['holds', mended, 0],
  ['is violated', broken, 1],
  ['cannot be read', 'export default {', 2],
])('Ctrl-C ends it, with the exit code of a scenario that %s', async (_, text, expected) => {
  const { program, first } = await watching({ 'race.ts': text })
  program.interrupt()
  const { code, err } = await program.ended
  expect({ code, err }).toEqual({ code: expected, err: first.err })
})

test('a bound that leaves it open is the exit code, too', async () => {
  const { program } = await watching({ 'race.ts': mended }, { words: ['--states', '5'] })
  program.interrupt()
  expect((await program.ended).code).toBe(3)
})

test.runIf(process.platform === 'linux')(
  'whoever waits for words that it does not say is told so, and what came',
  async () => {
    const { save, next, program } = await watching({ 'race.ts': broken })
    save('race.ts', mended)
    const missed = await next('other words').catch(String)
    expect(missed).toContain(
      'It waits for somebody else, and has not said for the 2. time that it waits, and with it "other words"',
    )
    expect(missed).toContain('gone      both count: holds')
    await expect(program.says('other words')).rejects.toThrow('has not said "other words"')
  },
)

test.each<[readonly string[], string]>([
  [['stale-dma'], 'stale-dma is no file of yours.'],
  [['./nowhere.ts'], './nowhere.ts is not a scenario.\n\n  There is no such file.'],
  [[], 'relock watch'],
])('what cannot be watched is refused: %j', async (words, said) => {
  const folder = scratch()
  const { code, err } = await relockIn(folder)(['watch', ...words])
  forget(folder)
  expect(code).toBe(2)
  expect(err).toContain(said)
})
