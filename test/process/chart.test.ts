/** The statechart of the actor concerned, as a report draws it beside what is wrong. */
import { expect, test } from 'vitest'
import { fromPromise, sendParent, sendTo, setup, type AnyActorLogic } from 'xstate'
import { explore as exploreSystem } from '../../explore/index.ts'
import { replay } from '../../explore/runs/replay.ts'
import { system, type Subject } from '../../process/index.ts'
import { scenarioOfActors } from '../../process/scenario.ts'
import { wrongIn } from '../../report/sides.ts'
import { makePage } from '../../report/style.ts'
import { tellRun } from '../../report/text.ts'

/** What is drawn of the chart where the first finding is told. */
const chartIn = async (subject: Subject | AnyActorLogic, ascii = false): Promise<string> => {
  const scenario = scenarioOfActors(subject)!
  const explored = scenario.system(scenario.choices.default)
  const { findings } = await exploreSystem(explored, scenario.properties(scenario.choices.default))
  const { schedule, title } = findings[0]!
  const run = replay(explored, schedule)
  const lines = tellRun(run, makePage({ columns: 80, ascii }), { wrong: wrongIn(run, title), intro: 'The run' })
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  const at = lines.findIndex((line) => line.startsWith('Statechart of '))
  return at < 0 ? '' : lines.slice(at, lines.indexOf('', at)).join('\n')
}

const save = fromPromise(async () => {})

/** Whoever is left while it waits for an answer hears it later. */
const worker = setup({ actors: { save } }).createMachine({
  id: 'worker',
  initial: 'idle',
  on: { RESET: '.idle' },
  states: {
    idle: { on: { GO: 'busy' } },
    busy: {
      type: 'parallel',
      states: {
        disk: {
          initial: 'writing',
          states: {
            writing: {
              invoke: {
                src: 'save',
                onDone: [{ guard: () => false, target: 'writing' }, { target: 'written' }],
                onError: { actions: sendParent({ type: 'READY' }) },
              },
            },
            written: {},
          },
        },
        lamp: { initial: 'on', states: { on: { on: { DIM: 'off' } }, off: {} } },
      },
      onDone: 'idle',
    },
  },
})

test('where it was, which way it went, where it is: of regions all, of guards the name', async () => {
  const boss = setup({ actors: { worker } }).createMachine({
    id: 'boss',
    invoke: { src: 'worker', id: 'w' },
    initial: 'a',
    states: {
      a: { on: { START: { target: 'b', actions: sendTo('w', { type: 'GO' }) } } },
      b: { on: { START: { actions: sendTo('w', { type: 'GO' }) } } },
    },
  })
  expect(await chartIn(system(boss, { events: ['START'], ignores: ['READY'] }))).toMatchInlineSnapshot(`
    "Statechart of w (● before step 5, ► after it):
         w              RESET → idle
           idle         GO → busy
           busy         done of worker.busy → idle
             disk
      ●►       writing  done of save [guard] → busy.disk.writing
                        done of save → busy.disk.written
                        error of save
                        GO: no way on from here  ①
               written
             lamp
      ●►       on       DIM → busy.lamp.off
               off"
  `)
})

const late = setup({ actors: { save } }).createMachine({
  id: 'late',
  initial: 'a',
  states: {
    a: { invoke: { src: 'save', id: 'save', onDone: 'b' }, on: { NEXT: 'c' } },
    b: { on: { NEXT: 'c' } },
    c: { invoke: { src: 'save', id: 'other', onDone: { target: 'gone' } } },
    gone: {},
  },
})

test('an error that nobody handles has a chart of who failed; on paper without such signs, too', async () => {
  expect(await chartIn(system(late, { answers: { save: { rejects: ['no'] } } }), true)).toMatchInlineSnapshot(`
    "Statechart of late (* before step 1, > after it):
      *> a     NEXT -> c
               done of save -> b
         b     NEXT -> c
         c     done of other -> gone
         gone"
  `)
})

test('of a deadlock it is that of who waits', async () => {
  const waiter = setup({}).createMachine({
    id: 'waiter',
    initial: 'asks',
    states: { asks: { entry: sendParent({ type: 'MAY_I' }), on: { YES: 'through' } }, through: {} },
  })
  const boss = setup({ actors: { waiter } }).createMachine({
    id: 'boss',
    initial: 'a',
    invoke: { src: 'waiter', id: 'asker' },
    on: { MAY_I: {} },
    states: { a: { after: { 10: 'b' } }, b: { on: { NEVER: 'a' } } },
  })
  expect(await chartIn(system(boss, { events: [] }))).toMatchInlineSnapshot(`
    "Statechart of boss (● before step 1, ► after it):
         boss  MAY_I
      ●    a   after 10 ms → b  ①
       ►   b   NEVER → a"
  `)
})

test('of a large chart only what is around the step, and who hears the same event', async () => {
  const names = Array.from({ length: 30 }, (_, at) => `step${at}`)
  const listener = setup({}).createMachine({
    id: 'listener',
    initial: 'step0',
    states: Object.fromEntries(
      names.map((name, at) => [name, { on: at === 7 ? { HEY: 'step8' } : { NEXT: names[at + 1] ?? 'step0' } }]),
    ),
  })
  const boss = setup({ actors: { listener } }).createMachine({
    id: 'boss',
    invoke: { src: 'listener', id: 'ear' },
    on: { CALL: { actions: sendTo('ear', { type: 'HEY' }) } },
  })
  expect(await chartIn(system(boss, { events: ['CALL'] }))).toMatchInlineSnapshot(`
    "Statechart of ear (● before step 2, ► after it):
      ●► step0  NEXT → step1
                HEY: no way on from here  ①
         step7  HEY → step8
      ⋮  28 more states"
  `)
})

test('a machine without states has no chart worth drawing', async () => {
  const boss = setup({}).createMachine({
    id: 'boss',
    on: {
      GO: {
        guard: () => {
          throw new Error('no')
        },
        actions: [],
      },
    },
  })
  expect(await chartIn(system(boss, { events: ['GO'] }))).toBe('')
})
