/** Data races in live runs: the same as the checker finds in that run, at the same step. */
import { describe, expect, test } from 'vitest'
import { toSystem } from '../../actors/running/system.ts'
import { explore, replay } from '../../explore/index.ts'
import {
  field,
  kernel,
  list_add,
  list_for_each_entry,
  list_head,
  mutex,
  mutex_lock,
  mutex_unlock,
  object,
  pointer,
  procedure,
  read,
  READ_ONCE,
  smp_load_acquire,
  smp_store_release,
  struct,
  when,
  write,
  WRITE_ONCE,
  type Step,
} from '../../kernel/index.ts'
import { linesOf, recordLive, replayLive, runLive } from '../live/recording.ts'
import { replay as following } from '../../streams/strategies.ts'

interface Locals {
  readonly ok: number
  readonly n: number
}
const [data, ready, m] = [field('data', 0), field('ready', 0), mutex('m')]
const locals: Locals = { ok: 0, n: 0 }
const two = (fill: readonly Step<Locals>[], drain: readonly Step<Locals>[]) =>
  kernel({ threads: { producer: procedure('fill', locals, fill), consumer: procedure('drain', locals, drain) } })

const reads: readonly Step<Locals>[] = [when<Locals>('ok', [read(data, 'n')])]
const marked = two([write(data, 42), WRITE_ONCE(ready, 1)], [READ_ONCE(ready, 'ok'), ...reads])
const published = two([write(data, 42), smp_store_release(ready, 1)], [smp_load_acquire(ready, 'ok'), ...reads])
const locked = two([mutex_lock(m), write(data, 42), mutex_unlock(m)], [mutex_lock(m), read(data, 'n'), mutex_unlock(m)])
const item = struct('item', { n: 0 })
const [queue, one] = [list_head('queue'), object('one', item)]
const lists = kernel({
  threads: {
    producer: procedure('fill', { one }, [list_add('one', queue)]),
    consumer: procedure('drain', { it: pointer(item) }, [list_for_each_entry('it', queue, [])]),
  },
})

const racesIn = (
  steps: readonly {
    readonly number: number
    readonly findings: readonly { kind: string; title: string; against?: number }[]
  }[],
) =>
  steps.flatMap(({ number, findings }) =>
    findings.filter(({ kind }) => kind === 'data-race').map(({ title, against }) => ({ number, title, against })),
  )

describe('a data race', () => {
  test.each([
    ['of a plain field behind a flag', marked],
    ['of a list', lists],
  ])('%s that the search has found happens live, at that step, with the other access named', async (_, world) => {
    const system = toSystem(world)
    const { findings } = await explore(system)
    const { schedule } = findings.find(({ kind }) => kind === 'data-race')!
    const live = racesIn(runLive(world, following(schedule)))
    expect(live).toEqual([{ number: schedule.length, title: 'data-race in drain / fill', against: expect.any(Number) }])
    expect(live).toEqual(racesIn(replay(system, schedule).steps))
  })

  test('is told in random live runs as in the checker, byte for byte; in some of them there is none', () => {
    const found = Array.from({ length: 30 }, (_, seed) => {
      const { schedule, lines } = recordLive(marked, seed)
      const trace = replay(toSystem(marked), schedule)
      expect(linesOf(trace)).toEqual(lines)
      expect(replayLive(marked, schedule)).toEqual(lines)
      expect(racesIn(runLive(marked, following(schedule)))).toEqual(racesIn(trace.steps))
      return racesIn(trace.steps).length
    })
    expect(new Set(found)).toEqual(new Set([0, 1]))
  })

  test.each([
    ['a release and an acquire', published],
    ['a lock', locked],
  ])('is in no live run where %s orders the two', (_, world) => {
    for (let seed = 0; seed < 30; seed++) {
      const { schedule } = recordLive(world, seed)
      expect(racesIn(runLive(world, following(schedule)))).toEqual([])
    }
  })
})
