/** The kernel's log, where a world keeps it: what was written is seen, however little else properties look at, and the order of lines is no state. */
import { describe, expect, test } from 'vitest'
import { linux } from '../../actors/kernel/linux.ts'
import { pin, unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, alwaysStep, explore, sometimes, start, type Property, type World } from '../../index.ts'
import {
  kernel,
  mutex,
  mutex_lock,
  mutex_unlock,
  pr_info,
  procedure,
  WARN,
  type KernelView,
} from '../../kernel/index.ts'
import { outcomeOf } from '../explore/compare.ts'

const page = 0x1000

const unmapping = (protocol: 'restart' | 'per-request', log?: boolean): World<LinuxView> =>
  linux({
    unmap: protocol,
    containers: {
      container0: {
        mappings: [{ iova: page, size: page }],
        groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [page] } } } },
      },
    },
    tasks: { vmm0: [unmap(page, page)], vmm1: [unmap(page, page)], worker0: [pin('mdev0', page), pin('mdev0', page)] },
    ...(log !== undefined && { log }),
  })

const warning = 'WARNING in vfio_dma_do_unmap: pages pinned again'
const silent = always<LinuxView>('nothing is written', (w) => w.log.lines.length === 0)
const warns = sometimes<LinuxView>('vmm0 and vmm1 are warned', (w) =>
  ['vmm0', 'vmm1'].every((vmm) => w.log.by(`${vmm}/unmap`).includes(warning)),
)
const whole = { reduction: false, symmetry: false } as const

describe('of a kernel', () => {
  test('nothing is written where a protocol has nothing to complain of, and a warning where one has', async () => {
    const { properties } = await explore(unmapping('restart', true), [silent])
    expect(properties.map(({ verdict }) => verdict)).toEqual(['holds'])
    const mutant = await explore(unmapping('per-request', true), [silent])
    expect(mutant.properties.map(({ verdict }) => verdict)).toEqual(['violated'])
  })

  test('what is said of it is the same in every order, with the reduction and without, who is who or not', async () => {
    const all = [silent, warns, sometimes<LinuxView>('one is warned', (w) => w.finished && w.log.has(/pinned again$/))]
    for (const protocol of ['restart', 'per-request'] as const) {
      const reduced = await explore(unmapping(protocol, true), all)
      const full = await explore(unmapping(protocol, true), all, whole)
      expect(outcomeOf(reduced)).toEqual(outcomeOf(full))
      expect(reduced.states).toBeLessThan(full.states / 4)
    }
  })

  test('it costs nothing where it is not kept, and the states of those who were warned where it is', async () => {
    const states = async (world: World<LinuxView>, ...properties: readonly Property<LinuxView>[]) =>
      (await explore(world, properties)).states
    expect(await states(unmapping('restart', true), silent)).toBe(await states(unmapping('restart')))
    const [without, unread, read] = [
      await states(unmapping('per-request')),
      await states(unmapping('per-request', true)),
      await states(unmapping('per-request', true), silent),
    ]
    expect([without, unread, read]).toEqual([75, 94, 94])
  })

  test('who asks for it where it is not kept is told what to write', async () => {
    await expect(explore(unmapping('restart'), [silent])).rejects.toThrow(
      'The property "nothing is written" failed to answer: No log is kept in this world. Write `log: true` beside its tasks or threads.',
    )
  })

  test('who asks what nobody wrote is told who there is', async () => {
    const asks = (text: any) => sometimes<LinuxView>('asks', (w) => w.log.by('vmm0/unmapp').includes(text))
    await expect(explore(unmapping('restart', true), [asks('')])).rejects.toThrow(
      'Unknown actor "vmm0/unmapp". Did you mean "vmm0/unmap"?',
    )
    const finds = sometimes<LinuxView>('finds', (w) => w.log.has(7 as never))
    await expect(explore(unmapping('restart', true), [finds])).rejects.toThrow('Not a text: 7.')
  })
})

describe("of one's own", () => {
  const m = mutex('m')
  const tells = (text: string) => procedure(text, [mutex_lock(m), pr_info(text), pr_info(text), mutex_unlock(m)])
  const talking = kernel({ threads: { a: tells('one'), b: tells('two') }, log: true })
  const heard = (w: KernelView): string => w.log.lines.map(({ by, text, level }) => `${by}: <${level}>${text}`).join()

  test('a line that comes twice is one, and which came first is told by steps', async () => {
    const both = sometimes<KernelView>('both', (w) => heard(w) === 'a/one: <6>one,b/two: <6>two')
    const first = (text: string, then: string) =>
      alwaysStep<KernelView>(
        `${text} first`,
        (before, after) => !after.log.has(then) || before.log.has(then) || before.log.has(text),
      )
    const report = await explore(talking, [both, first('one', 'two'), first('two', 'one')])
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'violated', 'violated'])
  })

  test('a run by hand has what it has come to', () => {
    const run = start(talking)
    expect(heard(run.state)).toBe('')
    expect(heard(run.settle().state)).toBe('a/one: <6>one,b/two: <6>two')
  })

  test('who joins a kernel that keeps its log writes to that', async () => {
    const joined = kernel({
      beside: unmapping('restart', true),
      threads: { own: procedure('own', [WARN('mine'), pr_info('said')]) },
    })
    const report = await explore(joined, [
      sometimes('mine', (w) => w.log.has('WARNING in own: mine')),
      always('nobody else', (w) => w.log.lines.every(({ by }) => by === 'own/own')),
    ])
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'holds'])
    expect(() => kernel({ beside: unmapping('restart'), threads: {}, log: true } as never)).toThrow('log')
  })
})
