/** However a search or a scenario file ends, the program says so in words of its own, and its exit code is what was found. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { forget, hasControl, program, processIn, scratch, start, type Outcome } from './run.ts'

const folder = scratch()
const relock = processIn(folder)
afterAll(() => forget(folder))

const page = 0x1000

/** A story that is told without a slip, but for what its property does; each line of `holds` is one of the file's. */
const story = (holds: string): string => `import { always, scenario, unmap } from 'relock'
const kept = []
export default scenario({
  name: 'own',
  describe: () => ({
    unmap: 'restart',
    containers: {
      container0: {
        mappings: [{ iova: ${page}, size: ${page} }],
        groups: { group26: { devices: { mdev0: { driver: 'unpins-all' } } } },
      },
    },
    tasks: { vmm0: [unmap(${page}, ${page})] },
  }),
  properties: [
    always('it holds', (w) => {
      ${holds}
      return true
    }),
  ],
})
`

/** The line of `holds`. */
const line = 17

describe('a scenario file cannot end the program', () => {
  // What never ends is given the least there is: two seconds.
  test.each<[string, string, string, readonly string[]]>([
    ['by leaving at its top level', 'process.exit(0)', 'ended the program', ['process.exit(0)', 'own.mjs:1:']],
    [
      'by leaving in a property',
      story('process.exit(0)'),
      'ended the program',
      ['process.exit(0)', `own.mjs:${line}:`],
    ],
    ['by killing its process', 'process.kill(process.pid)', 'ended the program', ['process.kill', 'own.mjs:1:']],
    ['by waiting for ever', '\nawait new Promise(() => {})', 'waits for something that does not come', ['own.mjs:2:']],
    ['by going round for ever', '\n\nfor (;;) {}', 'does not come back', ['own.mjs:3:']],
    ['by going round in a property', story('for (;;) {}'), 'does not come back', [`own.mjs:${line}:`]],
    [
      'by a promise that nobody waits for',
      "Promise.reject(new Error('mine'))\nawait new Promise(setImmediate)",
      'rejected a promise that nobody waits for',
      ['mine', 'own.mjs:1:'],
    ],
    ['by throwing nothing at its top level', 'throw null', 'cannot be read', ['It threw null', 'own.mjs:1:']],
    ['by throwing nothing in a property', story('throw undefined'), 'It threw undefined', [`own.mjs:${line}:`]],
  ])('%s', async (_, source, fact, evidence) => {
    writeFileSync(join(folder, 'own.mjs'), source)
    const { code, out, err } = await relock(['explore', './own.mjs', '--ms', '500'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    for (const words of [fact, ...evidence]) expect(err.replace(/\s+/g, ' ')).toContain(words)
    expect(err).not.toMatch(/fault in relock|node:internal|\n\s+at .*(?:dist|node_modules)/)
    expect(hasControl(err)).toBe(false)
  })
})

test('a second Ctrl-C ends a file that goes round for ever, and says where it is', async () => {
  writeFileSync(join(folder, 'own.mjs'), `import { writeSync } from 'node:fs'\nwriteSync(2, 'begun')\nfor (;;) {}`)
  const { ended, says, interrupt } = start(folder, ['explore', './own.mjs', '--ms', '600000'])
  await says('begun')
  interrupt()
  await says('Ctrl-C again ends at once')
  interrupt()
  const { code, err } = await ended
  expect(code).toBe(2)
  expect(err.replace(/\s+/g, ' ')).toMatch(/\.\/own\.mjs does not come back\. at \.\/own\.mjs:3:\d+/)
})

test('a full memory is undecided, with what is known', async () => {
  writeFileSync(
    join(folder, 'fills.mjs'),
    story('if (w.finished) for (;;) kept.push(Array(100_000).fill(kept.length))'),
  )
  const small = { NODE_OPTIONS: '--max-old-space-size=64' }
  const { code, err } = await relock(['explore', './fills.mjs', '--ms', '600000'], { env: small })
  expect(code).toBe(3)
  expect(err).toMatch(/^Undecided: out of memory\./)
  expect(err).toContain('./fills.mjs was run, too, and may have filled it.')
})

/** In a shell, which can close and redirect what a process writes to. */
const inShell = (command: string): Promise<Outcome> =>
  new Promise((resolve) => {
    const words = command.replaceAll('relock', `${JSON.stringify(process.execPath)} ${JSON.stringify(program)}`)
    execFile('bash', ['-c', words], { cwd: folder }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })

describe('the exit code is what was found', () => {
  test.each<[string, string, number, string]>([
    [
      'through a pipe that is closed early',
      'relock explore stale-dma --json --quiet | head -c 10; exit ${PIPESTATUS[0]}',
      1,
      '',
    ],
    ['into a full disk', 'relock explore stale-dma --quiet > /dev/full', 1, 'The report cannot be written (ENOSPC).'],
    ['with nowhere to write', 'relock explore stale-dma --quiet >&- 2>&-', 1, ''],
    ['when a slip cannot be told', 'relock explore nope 2> /dev/full', 2, ''],
    ['when a slip is told to nobody', 'relock explore nope 2>&-', 2, ''],
  ])('%s', async (_, command, code, said) => {
    const ended = await inShell(command)
    expect(ended.code).toBe(code)
    expect(ended.err).toContain(said)
    expect(ended.err).not.toMatch(/node:internal|fault in relock/)
  })
})
