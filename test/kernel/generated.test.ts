/** Over random programs the reduced search says what the full one says. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { agreed } from '../explore/compare.ts'
import { handlers, programs, systemOf, type Piece, type Program } from './programs.ts'
import { overChance } from '../chance.ts'

const one = (what: string, ...inside: readonly Piece[]): Piece => ({ what, inside })

/** Looked at in any case, so that there is something of each kind to agree about. */
const examples: readonly (readonly [Program])[] = [
  [[[one('mutex', one('spin'))], [one('spin', one('mutex'))]]],
  [[[one('make'), one('count')], [one('make')]]],
  [[[one('make'), one('free')], [one('use')]]],
  [[[one('stray unlock')], [one('mutex', one('add'))]]],
  [[[one('queue'), one('queue')], [one('dequeue')]]],
  [
    [
      [one('put'), one('get')],
      [one('put'), one('touch')],
    ],
  ],
  [[[one('irqs off', one('irq')), one('count')], [one('irq', one('mutex'))]]],
  [[[one('choose', one('mark'))], [one('wait', one('readers'))]]],
  [[[one('mutex', one('wait for it'))], [one('mutex'), one('complete')]]],
  [[[one('try to', one('add'))], [one('complete'), one('mark')]]],
  [[[one('sleep')], [one('wake only'), one('mark')]]],
  [[[one('mutex', one('sleep'))], [one('mutex'), one('wake')]]],
  [[[one('work'), one('mutex', one('flush it'))], [one('cancel it')]]],
  [[[one('timer'), one('spin', one('delete it'))], [one('timer')]]],
  [[[one('reader of RCU', one('touch'))], [one('synchronize'), one('later')]]],
  [[[one('reader of RCU', one('mutex'))], [one('mutex', one('synchronize'))]]],
  [[[one('work on it')], [one('work on it')]]],
  [[[one('sequence', one('add'))], [one('read in sequence')]]],
  [[[one('write locked', one('add'))], [one('read until none writes')]]],
  [[[one('spin', one('add'))], [one('raise'), one('softirqs off')]]],
  [[[one('tasklet'), one('mutex', one('kill it'))], [one('tasklet')]]],
  [[[one('timer'), one('shut it down')], [one('timer')]]],
  [[[one('queue it'), one('mutex', one('drain it'))], [one('queue it')]]],
  [[[one('sleep alone')], [one('mark'), one('wake only')]]],
  [[[one('sleep until a signal')], [one('mark'), one('wake those')]]],
  [[[one('sleep by address')], [one('wake by address')]]],
  [[[one('queue')], [one('walk'), one('dequeue')]]],
  [
    [
      [one('publish'), one('unpublish')],
      [one('walk as a reader'), one('look whether any')],
    ],
  ],
]

// fast-check takes its seed from the clock and prints it, with the smallest failing program, when a fact does not hold.
test('reduced and full search agree over random programs', async () => {
  const seen = { on: 0, full: 0, reduced: 0, kinds: new Set<string>() }
  await overChance(
    fc.asyncProperty(programs, async (program) => {
      const { system, properties } = systemOf(program)
      const { full, reduced } = await agreed(system, properties)
      for (const { kind } of full.findings) seen.kinds.add(kind)
      if (reduced.reduction !== 'on') return
      seen.on++
      seen.full += full.states
      seen.reduced += reduced.states
    }),
    {
      runs: 100,
      examples: examples.map(([program]) => [program]),
      enough: () => {
        // Otherwise nothing was put to the test.
        expect(seen.on).toBeGreaterThan(50)
        expect(seen.reduced * 2).toBeLessThan(seen.full)
        const kinds = ['bug', 'deadlock', 'leak', 'lock-order', 'refcount', 'use-after-free', 'warn']
        expect([...seen.kinds].sort()).toEqual(expect.arrayContaining(kinds))
      },
    },
  )
})

const interrupted: readonly (readonly [Program, readonly Piece[]])[] = [
  [[[one('spin', one('add'))], [one('spin')]], [one('spin')]],
  [[[one('irq', one('add'))], [one('irq', one('add'))]], [one('spin', one('add'))]],
  [
    [[one('add')], [one('mutex')]],
    [one('mark'), one('mutex')],
  ],
]

test('reduced and full search agree over random programs that are interrupted', async () => {
  const seen = { on: 0, full: 0, reduced: 0, titles: new Set<string>() }
  await overChance(
    fc.asyncProperty(programs, handlers, async (program, handler) => {
      const { system, properties } = systemOf(program, handler)
      const { full, reduced } = await agreed(system, properties)
      for (const { title } of full.findings) seen.titles.add(title)
      if (reduced.reduction !== 'on') return
      seen.on++
      seen.full += full.states
      seen.reduced += reduced.states
    }),
    {
      runs: 20,
      examples: interrupted.map(([program, handler]) => [program, handler]),
      enough: () => {
        expect(seen.on).toBeGreaterThan(10)
        expect(seen.reduced * 2).toBeLessThan(seen.full)
        expect([...seen.titles]).toEqual(
          expect.arrayContaining([
            'deadlock at cpu0 and s',
            'inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage of s',
            'BUG: sleeping function called from invalid context in handler: mutex_lock(m)',
          ]),
        )
      },
    },
  )
})
