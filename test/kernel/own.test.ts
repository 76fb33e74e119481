/** Statecharts and components of one's own beside procedures: either stands where the other could. */
import { describe, expect, test } from 'vitest'
import { assertEvent, assign, emit, setup } from 'xstate'
import { explore, start } from '../../index.ts'
import {
  actor,
  always,
  answer,
  ask,
  call,
  component,
  field,
  kernel,
  mutex,
  mutex_lock,
  mutex_unlock,
  procedure,
  read,
  ret,
  send,
  statechart,
  write,
  type Component,
  type Heard,
  type Said,
  type Step,
} from '../../kernel/index.ts'

const m = mutex('m')
const counter = field('counter', 0, { guardedBy: m })
const bothCount = always('both count', (w) => w.field('counter') === 2, { when: (w) => w.finished })

const inc = procedure('inc', { n: 0 }, [
  mutex_lock(m),
  read(counter, 'n'),
  write(counter, ({ n }) => n + 1),
  mutex_unlock(m),
])

/** The same by hand: it is called, asks the lock and the counter, and returns. */
const byHand = setup({
  types: {
    context: {} as { readonly task: string; readonly caller: string; readonly n: number },
    events: {} as Heard & { readonly type: 'CALL' | 'LOCKED' | 'UNLOCKED' | 'ANSWER'; readonly value?: number },
    emitted: {} as Said,
    input: {} as { readonly task: string },
  },
  actions: {
    remember: assign({ caller: ({ event }) => event.from }),
    lock: emit(({ context: { task } }) => send('m', 'LOCK', { task })),
    read: emit(({ context: { task } }) => send('counter', 'ACCESS', { task, op: 'read', site: 'inc' })),
    keep: assign({ n: ({ event }) => event.value! }),
    write: emit(({ context: { task, n } }) =>
      send('counter', 'ACCESS', { task, op: 'write', operand: n + 1, site: 'inc' }),
    ),
    unlock: emit(({ context: { task } }) => send('m', 'UNLOCK', { task })),
    finish: emit(({ context: { task, caller } }) => send(caller, 'RETURN', { task, ret: 0 })),
    forget: assign({ caller: '', n: 0 }),
  },
}).createMachine({
  id: 'inc',
  context: ({ input: { task } }) => ({ task, caller: '', n: 0 }),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'remember' } } },
    locking: { entry: 'lock', on: { LOCKED: 'reading' } },
    reading: { entry: 'read', on: { ANSWER: { target: 'writing', actions: 'keep' } } },
    writing: { entry: 'write', on: { ANSWER: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'forget'] } } },
  },
})

describe('a statechart of one’s own', () => {
  const uses = { uses: [m, counter] }

  test('is a procedure like any other: a thread runs it, and one of ours beside it', async () => {
    const report = await explore(kernel({ threads: { a: statechart('inc', byHand, uses), b: inc } }), [bothCount])
    expect(report).toMatchObject({ exhaustive: true, reduction: 'on', findings: [] })
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['holds'])
  })

  test('is called by procedures, and calls them', async () => {
    const twice = procedure('twice', { got: -1 }, [
      call(statechart('by_hand', byHand, uses), { into: 'got' }),
      call(inc),
      ret(({ got }) => got),
    ])
    const { state } = start(kernel({ threads: { a: twice } })).settle()
    expect([state.field('counter'), state.thread('a').returned]).toEqual([2, 0])
  })
})

/** A gate that lets one through for each time it is opened. */
const gate = setup({
  types: {
    context: {} as { readonly open: number },
    events: {} as Heard & { readonly type: 'OPEN' | 'PASS' },
    emitted: {} as Said,
    meta: {} as { readonly defers: readonly string[] },
  },
  guards: { isLast: ({ context }) => context.open === 1 },
  actions: {
    more: assign({ open: ({ context }) => context.open + 1 }),
    less: assign({ open: ({ context }) => context.open - 1 }),
    done: emit(({ event }) => {
      assertEvent(event, ['OPEN', 'PASS'])
      return answer(event, 'ANSWER')
    }),
  },
}).createMachine({
  id: 'gate',
  context: { open: 0 },
  initial: 'shut',
  states: {
    shut: { meta: { defers: ['PASS'] }, on: { OPEN: { target: 'open', actions: ['more', 'done'] } } },
    open: {
      on: {
        OPEN: { actions: ['more', 'done'] },
        PASS: [{ guard: 'isLast', target: 'shut', actions: ['less', 'done'] }, { actions: ['less', 'done'] }],
      },
    },
  },
})

describe('an object of one’s own', () => {
  const door = actor('door', gate)
  const asks = (type: string): Step =>
    ask({ says: `${type.toLowerCase()}(door)`, of: door, type, answers: { ANSWER: {} } })

  test('is asked with a word that is made for it', async () => {
    const opens = procedure('opens', [asks('OPEN')])
    const passes = procedure('passes', [asks('PASS')])
    expect(await explore(kernel({ threads: { a: passes, b: opens } }))).toMatchObject({
      findings: [],
      exhaustive: true,
    })
    const { findings } = await explore(kernel({ threads: { a: passes, b: opens, c: passes } }))
    expect(findings.map(({ title }) => title)).toEqual(['deadlock at door'])
  })

  /** A register that gives out 0, 1, 2 …, as a component. */
  const ticket: Component<number> = {
    id: 'ticket',
    initial: 0,
    accepts: () => true,
    receive: (n, { from, task }) => ({
      local: n + 1,
      sends: [{ to: from, message: { type: 'ANSWER', from: 'ticket', task, value: n } }],
      findings: [],
      notes: [],
      ignored: false,
    }),
    key: String,
    show: (n) => ({ state: 'ready', data: { n } }),
  }

  test('may be no statechart at all', async () => {
    const take: Step<{ readonly n: number }> = ask({
      says: 'n = ticket()',
      of: component(ticket),
      type: 'TAKE',
      answers: { ANSWER: { into: 'n' } },
    })
    const run = procedure('run', { n: -1 }, [take, ret(({ n }) => n)])
    const world = kernel({ threads: { a: run, b: run } })
    const report = await explore(world, [
      always('nobody has the same', (w) => w.thread('a').returned !== w.thread('b').returned, {
        when: (w) => w.finished,
      }),
    ])
    expect(report).toMatchObject({ findings: [], exhaustive: true, reduction: 'on' })
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['holds'])
    expect(start(world).settle().state.threads).toEqual(['a', 'b'])
  })
})
