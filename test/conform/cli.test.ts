/** `relock conform` as people run it: exit codes, what it answers to slips, what a pipe gets, and Ctrl-C. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands, forget, hasControl, processIn, relockIn, scratch, widest } from '../cli/run.ts'
import { documented, misfits, shapeOf } from '../cli/shapes.ts'

const folder = scratch()
const relock = relockIn(folder)

const ops = [
  { op: 'open_container', as: 'c0' },
  { op: 'close', fd: 'c0' },
  { op: 'close', fd: 'c0' },
]
const right = { name: 'closed.twice', ops, results: [{ ret: 0 }, { ret: 0 }, { ret: -1, err: 'EBADF' }] }
const wrong = { name: 'closed.thrice', ops, results: [{ ret: 0 }, { ret: 0 }, { ret: 0 }] }
const question = { name: 'closed.what', ops }
/** Two threads put one group into a container: one of them is late. */
const race = {
  name: 'race.set_twice',
  reps: 1,
  ops: [
    { op: 'open_container', as: 'c0' },
    { op: 'open_group', dev: 'edu0', as: 'g0' },
    { op: 'thread', as: 't1' },
    { op: 'group_set_container', fd: 'g0', container: 'c0', proc: 't1', async: 0, barrier: 1 },
    { op: 'group_set_container', fd: 'g0', container: 'c0', async: 0, barrier: 1 },
    { op: 'await', proc: 't1' },
    { op: 'await', proc: 'p0' },
  ],
  outcomes: [
    {
      count: 1,
      results: [
        ...[{ ret: 0 }, { ret: 0 }, { ret: 0 }, { pending: true }, { pending: true }],
        ...[
          { of: 3, ret: 0 },
          { of: 4, ret: -1, err: 'EINVAL' },
        ],
      ],
    },
  ],
}
const lines = (...cases: readonly object[]): string => cases.map((each) => `${JSON.stringify(each)}\n`).join('')

beforeAll(async () => {
  mkdirSync(join(folder, 'cases'))
  writeFileSync(join(folder, 'right.jsonl'), lines(right))
  writeFileSync(join(folder, 'wrong.jsonl'), lines(right, wrong))
  writeFileSync(join(folder, 'question.jsonl'), lines(question))
  writeFileSync(join(folder, 'race.jsonl'), lines(race))
  writeFileSync(join(folder, 'malformed.jsonl'), lines(right, { ...right, ops: [{ op: 'close', fdd: 'c0' }] }))
  writeFileSync(join(folder, 'strange.jsonl'), lines(right, { ...right, ops: [{ op: 'clos', fd: 'c0' }] }))
  writeFileSync(join(folder, 'cases/one.jsonl.gz'), gzipSync(lines(right)))
  writeFileSync(join(folder, 'cases/two.jsonl'), lines(right, question))
})
afterAll(() => forget(folder))

describe.concurrent('exit codes', () => {
  test.each([
    [0, 'everything agrees', ['right.jsonl']],
    [0, 'everything in a folder agrees', ['cases']],
    [0, 'what disagrees was not asked for', ['wrong.jsonl', '--case', 'closed.twice']],
    [0, 'what disagrees is not compared', ['wrong.jsonl', '--only', 'open_container']],
    [1, 'something disagrees', ['wrong.jsonl']],
    [1, 'something in several files disagrees', ['right.jsonl', 'wrong.jsonl', 'cases']],
    [2, 'no file was given', []],
    [2, 'the file is not there', ['nowhere.jsonl']],
    [2, 'a case is malformed', ['malformed.jsonl']],
    [2, 'no case has that name', ['right.jsonl', '--case', 'opened']],
    [2, 'the operation is unknown', ['right.jsonl', '--only', 'clos']],
    [2, 'the kernel is unknown', ['right.jsonl', '--profile', 'six']],
    [3, 'there is nothing to compare with', ['question.jsonl']],
    [3, 'a case has an operation that nobody knows', ['strange.jsonl']],
  ])('%i: %s', async (code, _, args) => {
    expect((await relock(['conform', ...args])).code).toBe(code)
  })
})

describe.concurrent('slips', () => {
  test.each([
    ['in a file', ['malformed.jsonl'], 'Did you mean "fd"?'],
    ['in the name of a case', ['right.jsonl', '--case', 'closed.twise'], 'Did you mean "closed.twice"?'],
    ['in an operation', ['right.jsonl', '--only', 'close,open_contaner'], 'Did you mean "open_container"?'],
    ['in a kernel', ['right.jsonl', '--profile', '6_1'], 'Did you mean "6.1"?'],
    ['in an option', ['right.jsonl', '--profil', '6.1'], 'Did you mean --profile?'],
    ['in a path', ['nowhere.jsonl'], 'There is no such file or folder.'],
    ['in a path that is too long for one', ['x'.repeat(400)], 'There is no such file or folder.'],
  ])('%s', async (_, args, answer) => {
    const { code, out, err } = await relock(['conform', ...args])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(answer)
    expect(err).toContain('To go on: ')
    expect(err).not.toMatch(/^ {4}at /m)
  })
})

describe('paper', () => {
  test('a pipe gets no colour and no progress, and 80 columns are enough', async () => {
    const { out, err } = await processIn(folder)(['conform', 'wrong.jsonl', 'question.jsonl', '--ops'], {
      progress: true,
    })
    expect([hasControl(out), err, widest(out) <= 80]).toEqual([false, '', true])
    expect(out).toContain('close: success, not EBADF')
  })

  test('the printed command replays that case alone', async () => {
    const { out } = await relock(['conform', 'wrong.jsonl', '--profile', '5.10'])
    const [again] = commands(out)
    expect(again).toEqual(['conform', 'wrong.jsonl', '--case', 'closed.thrice', '--profile', '5.10'])
    expect((await relock(again!)).code).toBe(1)
  })

  test('the other outcome of a race can be replayed; a slip in its name is told', async () => {
    const { code, out } = await relock(['conform', 'race.jsonl'])
    expect(code).toBe(0)
    expect(out.replace(/\s+/g, ' ')).toContain(
      'possible, not seen t1 group_set_container: ret=-1 err=EINVAL group_set_container: ret=0',
    )
    const [replay] = commands(out)
    expect(replay![0]).toBe('replay')
    const replayed = await relock(replay!)
    expect([replayed.code, replayed.err]).toEqual([0, ''])
    const slip = await relock(['explore', 'race.jsonl#race.set_twise'])
    expect([slip.code, slip.err.split('\n')[0]]).toEqual([
      2,
      'No race is called "race.set_twise". Did you mean "race.set_twice"?',
    ])
  })

  test('--json is one document, as it is described', async () => {
    const { out, err } = await relock(['conform', 'wrong.jsonl', 'question.jsonl', '--json'])
    expect(err).toBe('')
    const document = JSON.parse(out) as { answered: readonly { results: unknown }[] }
    expect(misfits(document, shapeOf(documented('## `relock conform')))).toEqual([])
    expect(document.answered[0]!.results).toEqual(right.results)
  })

  test('Ctrl-C reports what is known and exits 3', async () => {
    const many = Array.from({ length: 1_000 }, (_, i) => ({ ...right, name: `closed.${i}` }))
    writeFileSync(join(folder, 'many.jsonl'), lines(...many))
    // Pressed by the program itself, which then waits until the thread that watches has heard it: so it is always between the reading of
    // the cases and the first that is replayed, however slow the machine.
    writeFileSync(
      join(folder, 'interrupts.mjs'),
      `import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      import { isMainThread } from 'node:worker_threads'
      const heard = ${JSON.stringify(join(folder, 'heard'))}
      if (isMainThread) process.on('SIGINT', () => setImmediate(() => fs.writeFileSync(heard, '')))
      const { readFileSync } = fs
      fs.readFileSync = (path, ...more) => {
        if (String(path).endsWith('many.jsonl')) {
          process.kill(process.pid, 'SIGINT')
          while (!fs.existsSync(heard)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
        }
        return readFileSync(path, ...more)
      }
      syncBuiltinESMExports()`,
    )
    const preload = pathToFileURL(join(folder, 'interrupts.mjs')).href
    const { code, out } = await processIn(folder)(['conform', 'many.jsonl'], {
      env: { NODE_OPTIONS: `--import=${preload}` },
    })
    expect(code).toBe(3)
    expect(out.replace(/\s+/g, ' ')).toMatch(
      // Where there are other threads, it is heard while these begin.
      /nothing disagrees so far · (?:1 case replayed · stopped by you, 999|0 cases replayed · stopped by you, 1,000) cases/,
    )
  })
})
