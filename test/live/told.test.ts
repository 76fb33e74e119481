import { expect, test } from 'vitest'
import { toSystem } from '../../actors/running/system.ts'
import { start } from '../../actors/running/told.ts'
import { replay } from '../../explore/index.ts'
import { linesOf } from './recording.ts'
import { gossips, troubled, workers } from './worlds.ts'

/** An error's text, to be read as a person reads it. */
function textOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing was thrown'
}

test('a run is told step by step', () => {
  const run = start(workers(1))
  expect(run.steps()).toEqual(['env → w0 GO', 'env → w1 GO'])
  run.do('env → w0 GO').do('w0 → a.lock LOCK')
  expect(run.actor('a.lock')).toEqual({ state: 'held', data: { id: 'a.lock', holder: 'w0' } })
  expect(run.state).toEqual({ holder: 'w0' })
  run.settle()
  expect([run.actor('w0').state, run.actor('w1').state, run.actor('a.lock').state]).toEqual([
    'finished',
    'finished',
    'free',
  ])
  expect(run.steps()).toEqual([])
})

test('the beginning of a name is enough when only one step begins so', () => {
  const run = start(workers(1)).do('env → w0').do('w0')
  expect(run.actor('a.lock').state).toBe('held')
  expect(textOf(() => start(workers(1)).do('env'))).toBe(
    [
      'More than one step begins with: env',
      '',
      '  Possible now:',
      '    env → w0 GO',
      '    env → w1 GO',
      '  Say a little more of the name.',
    ].join('\n'),
  )
})

test('what is deferred is refused, saying where the receiver is and what is possible', () => {
  const run = start(workers(1)).do('env → w0').do('env → w1').do('w0 → a.lock')
  expect(run.try('w1 → a.lock LOCK')).toBe('not possible')
  expect(textOf(() => run.do('w1 → a.lock LOCK'))).toBe(
    [
      'Step not possible: w1 → a.lock LOCK',
      '',
      '  a.lock is in `held`, where it defers LOCK.',
      '  Possible now:',
      '    a.lock → w0 LOCKED',
      '  Did you mean to let the rest happen first?  run.settle()',
    ].join('\n'),
  )
})

test('what nobody sent is refused', () => {
  const run = start(workers(1))
  expect(textOf(() => run.do('w0 → a.lock LOCK'))).toContain(
    'a.lock is in `free`; nothing is on its way to it from w0.',
  )
  expect(textOf(() => run.do('env → w0 STOP'))).toContain('w0 is in `idle`; the next message from env is GO.')
  expect(textOf(() => run.do('STOP'))).toContain('A step is called `from → to TYPE`.')
  expect(textOf(() => run.do('env → wO GO'))).toContain('Unknown actor "wO". Known: w0, w1, a.lock.')
})

test('after a crash nothing is possible, and the refusal says what crashed', () => {
  const run = start(troubled).do('env → r READ')
  expect(textOf(() => run.do('env → r WRITE'))).toBe(
    [
      'Step not possible: env → r WRITE',
      '',
      '  The run ended at step 1: use-after-free in reader.',
      '  Nothing is possible now.',
    ].join('\n'),
  )
  expect(run.trace.end).toBe('crashed')
})

test('an error begins at the line that told the step', () => {
  try {
    start(workers(1)).do('w0 → a.lock LOCK')
  } catch (error) {
    expect((error as Error).stack?.split('\n').find((line) => line.startsWith('    at '))).toContain('told.test.ts')
  }
})

test('try answers what happened', () => {
  const happened = start(workers(1)).try('env → w0 GO')
  expect(happened).toMatchObject({ number: 1, to: 'w0', after: { state: 'locking' }, sends: [{ to: 'a.lock' }] })
})

test('an unknown actor is answered with the known ones', () => {
  expect(textOf(() => start(workers(1)).actor('a.lok'))).toContain('Unknown actor "a.lok". Known: w0, w1, a.lock.')
})

test('settle is bounded', () => {
  expect(textOf(() => start(workers(500)).settle(10))).toContain('Not settled after 10 steps.')
})

test('the trace of a told run is the trace of its schedule', () => {
  const run = start(gossips).do('env → bert').settle()
  const again = replay(toSystem(gossips), run.schedule)
  expect(run.trace).toEqual(again)
  expect(linesOf(run.trace)).toEqual(linesOf(again))
})

test('a system without a world is told on its components, with the same trace', () => {
  const [onActors, onComponents] = [start(workers(2)), start(toSystem(workers(2)))].map((run) =>
    run.do('env → w1').settle(),
  )
  expect(linesOf(onComponents!.trace)).toEqual(linesOf(onActors!.trace))
  expect(onComponents!.state).toEqual({ holder: null })
})
