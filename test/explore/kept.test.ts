/** Answers that are kept from one search to the next: who asks no component again finds the same. */
import { expect, test } from 'vitest'
import { KeptActors } from '../../actors/running/kept.ts'
import { sharedSystem } from '../../actors/running/shared.ts'
import type { World } from '../../actors/world/world.ts'
import { component, systemOfComponents, toSystem } from '../../actors/running/system.ts'
import { explore } from '../../explore/index.ts'
import { keepAnswers } from '../../explore/states/kept.ts'
import type { Report } from '../../explore/outcome/report.ts'
import { decided, formsOf } from '../../scenarios/choices.ts'
import { findScenario } from '../../scenarios/index.ts'
import { linux, unmap } from '../../index.ts'
import { pingPong, pingPongProperties } from '../toys/ping-pong.ts'

/** What does not depend on the clock. */
const timeless = (report: Report): object => ({ ...report, seconds: 0 })

/** Told anew each time, from one of each family. */
const stories = ['stale-dma', 'late-pin', 'open-close-deadlock', 'put-object'].map((name) => {
  const scenario = findScenario(name)!
  const choices = decided(scenario.choices, {})
  const tell = (): World => {
    // Whoever asks for the same again is handed the last world: this asks for another one in between.
    scenario.world({ ...choices, other: 'one' } as typeof choices)
    return scenario.world(choices)
  }
  return { name, tell, properties: scenario.properties(choices) }
})

test.each(stories)(
  '$name is told anew, and the search says what it would without what was kept',
  async ({ tell, properties }) => {
    const fresh = await explore(toSystem(tell()), properties)
    const actors = new KeptActors()
    for (let round = 0; round < 3; round++) {
      const world = tell()
      actors.meet(world)
      expect(timeless(await explore(toSystem(world), properties))).toEqual(timeless(fresh))
    }
  },
)

test('of a story of ours every actor is kept, but those whose charts are made of its procedures', () => {
  for (const { name, tell } of stories) {
    const actors = new KeptActors()
    actors.meet(tell())
    const world = tell()
    actors.meet(world)
    const anew = toSystem(world).components.filter((each) => !actors.isKept(each))
    expect(anew.map(({ id }) => id)).toEqual(
      name === 'put-object' ? ['user0/iommufd_ioas_map', 'user0/iommufd_put_object', 'destroyer/iommufd_destroy'] : [],
    )
  }
})

test('an actor that is another one in any way is not kept', () => {
  const page = 0x1000
  const world = (pinned: readonly number[], lock = 'iommu.lock') => {
    const made = linux({
      unmap: 'restart',
      containers: {
        container0: {
          mappings: [{ iova: page, size: page }],
          groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned } } } },
        },
      },
      tasks: { vmm0: [unmap(page, page)] },
    })
    // What is claimed about an actor counts as well.
    return { ...made, actors: made.actors.map((each) => (each.guardedBy ? { ...each, guardedBy: lock } : each)) }
  }
  const anew = (one: World, other: World): readonly string[] => {
    const actors = new KeptActors()
    actors.meet(one)
    actors.meet(other)
    return toSystem(other)
      .components.filter((each) => !actors.isKept(each))
      .map(({ id }) => id)
  }
  expect(anew(world([page]), world([page]))).toEqual([])
  expect(anew(world([page]), world([]))).toEqual(['type1', 'mdev0'])
  const guarded = world([page]).actors.flatMap(({ id, guardedBy }) => (guardedBy ? id : []))
  expect(anew(world([page]), world([page], 'another'))).toEqual(guarded)
})

test('worlds of one story share the actors that are alike, and each says what it would say alone', async () => {
  const scenario = findScenario('stale-dma')!
  const forms = formsOf(scenario).map((form) => decided(scenario.choices, form))
  const told = (choices: (typeof forms)[number]): World => scenario.world(choices)
  const components = new Set(forms.flatMap((choices) => sharedSystem(told(choices)).components))
  const actors = forms.flatMap((choices) => told(choices).actors)
  expect(components.size).toBeLessThan(actors.length / 2)
  for (const choices of forms) {
    const properties = scenario.properties(choices)
    const alone = systemOfComponents({ ...told(choices) }, component)
    expect(alone.components.some((each) => components.has(each))).toBe(false)
    expect(timeless(await explore(sharedSystem(told(choices)), properties))).toEqual(
      timeless(await explore(alone, properties)),
    )
  }
})

test('actors that were not asked for long are forgotten', () => {
  const scenario = findScenario('stale-dma')!
  const choices = decided(scenario.choices, {})
  const tell = (named = (id: string): string => id): World => {
    const world = scenario.world(choices)
    return { ...world, actors: world.actors.map((each) => ({ ...each, id: named(each.id) })), start: [] }
  }
  const [first, again] = [sharedSystem(tell()), sharedSystem(tell())]
  expect(again.components).toEqual(first.components)
  for (let at = 0; at * first.components.length <= 2000; at++) sharedSystem(tell((id) => `${id}-${at}`))
  const later = sharedSystem(tell())
  expect(later.components.filter((each, at) => each === first.components[at])).toEqual([])
})

test('a component that is kept is asked nothing twice, but where two local states of one key are compared', async () => {
  const asked: string[] = []
  const system = pingPong(4)
  const components = system.components.map((each) => ({
    ...each,
    receive: (local: unknown, message: Parameters<typeof each.receive>[1]) => {
      asked.push(`${each.id} ${JSON.stringify(local)} ${message.type}`)
      return each.receive(local, message)
    },
  }))
  components.forEach(keepAnswers)
  const first = await explore({ ...system, components }, pingPongProperties(4))
  const before = asked.length
  expect(before).toBeGreaterThan(0)
  expect(timeless(await explore({ ...system, components }, pingPongProperties(4)))).toEqual(timeless(first))
  expect(asked.slice(before)).toEqual(['ping {"hits":0} BALL', 'ping {"hits":0} BALL'])
})
