/** What properties see, and what they are told when they ask for what there is not. */
import { describe, expect, test } from 'vitest'
import { start } from '../../index.ts'
import {
  field,
  kernel,
  kzalloc,
  list_add,
  list_head,
  mutex,
  mutex_lock,
  object,
  pointer,
  procedure,
  ret,
  rw_semaphore,
  down_read,
  struct,
  write,
} from '../../kernel/index.ts'

const m = mutex('m')
const sem = rw_semaphore('sem')
const x = field('x', 0)
const queue = list_head('queue')
const request = struct('request', { n: 1, lock: mutex() })
const first = procedure('first', { req: pointer(request) }, [
  mutex_lock(m),
  down_read(sem),
  write(x, 3),
  kzalloc(request, 'req'),
  list_add('req', queue),
  ret('-EBUSY'),
])
const second = procedure('second', { dev: object('dev', request, { n: 7 }) }, [mutex_lock('dev->lock'), ret(5)])

const world = kernel({ threads: { a: [first, second], b: procedure('waits', [mutex_lock(m)]) } })

describe('in the end', () => {
  const { state } = start(world).settle()

  test('threads are through or not, and have returned what they have returned', () => {
    expect(state.threads).toEqual(['a', 'b'])
    expect([state.finished, state.thread('a').finished, state.thread('b').finished]).toEqual([false, true, false])
    expect(state.thread('a').results.map(({ call, ret }) => [call, ret])).toEqual([
      ['first', '-EBUSY'],
      ['second', 5],
    ])
    expect([state.thread('a').returned, state.thread('a').result(0), state.thread('a').result(2)]).toEqual([
      5,
      '-EBUSY',
      undefined,
    ])
    expect(state.thread('b').returned).toBe(undefined)
  })
  test('variables hold what was written', () => expect(state.field('x')).toBe(3))
  test('objects are there, and have their fields', () => {
    expect(state.objects('request')).toEqual([
      { name: 'dev#1', fields: { n: 7 } },
      { name: 'request0#1', fields: { n: 1 } },
    ])
    expect(state.list('queue')).toEqual(['request0#1'])
  })
  test('locks are held by threads', () => {
    expect([
      state.holders('m'),
      state.holders('sem'),
      state.holders('dev.lock'),
      state.holders('request0.lock'),
    ]).toEqual([['a'], ['a'], ['a'], []])
  })
  test('any actor can be looked at', () => expect(state.actor('m')).toMatchObject({ state: 'held', holder: 'a' }))
})

test.each([
  ['thread', /Unknown thread "mm".*Known: a, b/, (w: any) => w.thread('mm')],
  ['field', /Unknown variable "m".*Known: x/, (w: any) => w.field('m')],
  ['struct', /Unknown struct "requests". Did you mean "request"\?/, (w: any) => w.objects('requests')],
  ['list', /Unknown list "x"/, (w: any) => w.list('x')],
  ['lock', /Unknown lock "x".*Known: .*m, sem/, (w: any) => w.holders('x')],
  ['actor', /Unknown actor "nobody"/, (w: any) => w.actor('nobody')],
  ['a word of the view', /Unknown name "finshed". Did you mean "finished"\?/, (w: any) => w.finshed],
  ['a word of a thread', /Unknown name "result_"/, (w: any) => w.thread('a').result_],
])('a %s that there is not is an error', (_, says, ask) => {
  expect(() => ask(start(world).state)).toThrow(says)
})
