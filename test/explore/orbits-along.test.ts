/** Threads and participants that are alike together with what is theirs: a device each, with its lock. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { explore } from '../../explore/index.ts'
import type { System } from '../../explore/system.ts'
import { remarks } from '../../report/text.ts'
import { ownDevices, ownDevicesSystem, type OwnDevices } from '../toys/own-devices.ts'
import { orbitsOf } from '../toys/orbits.ts'
import { twoPhaseCommit } from '../toys/two-phase-commit.ts'
import { searchedAsByBruteForce } from './orbits-searched.ts'
import { overChance } from '../chance.ts'

test('over random systems as many states as there are orbits, and the same verdicts, findings, ends and runs', async () => {
  const met = { on: 0, withDevices: 0, saved: 0, bugs: 0 }
  await overChance(
    fc.asyncProperty(ownDevices, async (description) => {
      const { system, properties } = ownDevicesSystem(description)
      const whole = orbitsOf(system, [], 1200)
      if (!whole) return
      const { full, report } = await searchedAsByBruteForce(system, properties)
      expect(full.states).toBe(whole.states)
      if (report.symmetry !== 'on') return
      const counted = orbitsOf(system, movedIn(report), 1200)
      expect(report.states).toBe(counted!.orbits)
      met.on++
      met.withDevices += Number(report.along !== undefined)
      met.saved += full.states - report.states
      met.bugs += report.findings.length
    }),
    {
      runs: 80,
      enough: () => {
        // Otherwise little was put to the test.
        expect(met.on).toBeGreaterThan(5)
        expect(met.withDevices).toBeGreaterThan(2)
        expect(met.saved).toBeGreaterThan(50)
        expect(met.bugs).toBeGreaterThan(0)
      },
    },
  )
})

const own = (whose: 'own' | 'shared' | 'first', what: 'READ' | 'WRITE' | 'LOCK' | 'UNLOCK', value = 1) => ({
  whose,
  what,
  value,
})

/** Each locks its own, writes its own device and reads what is shared. */
const each: OwnDevices = {
  ...{ members: 3, areThreads: true, odd: null, isGuarded: true, properties: [] },
  does: [own('own', 'LOCK'), own('own', 'WRITE'), own('shared', 'READ')],
  poked: [],
}

const symmetryOf = async (system: System<any>) => {
  const { symmetry, alike, along } = await explore(system, [], { reduction: false })
  return [symmetry, alike, along]
}

test('three threads with a device and a lock each are alike with what is theirs', async () => {
  const { system } = ownDevicesSystem(each)
  const report = await explore(system, [], { reduction: false })
  expect([report.symmetry, report.alike]).toEqual(['on', [['m0', 'm1', 'm2']]])
  expect(
    report.along!.map(({ of, names }) => [of.join(), ...names.map((two) => two.toSorted().join()).toSorted()]),
  ).toEqual([
    ['m0,m1', 'device0,device1', 'lock0,lock1'],
    ['m0,m2', 'device0,device2', 'lock0,lock2'],
  ])
  const members = [0, 1, 2].map((n) => [`m${n}`, `device${n}`, `lock${n}`])
  const counted = orbitsOf(system, [members], 5000)!
  const full = await explore(system, [], { reduction: false, symmetry: false })
  expect([full.states, report.states]).toEqual([counted.states, counted.orbits])
  expect(remarks(report)).toContain(
    'States that differ only in who of m0, m1 and m2, with lock0, lock1, device0, device1, lock2 and device2, is who count once.',
  )
})
test('a claim about one device tells its thread apart, and the report says so', async () => {
  const { system, properties } = ownDevicesSystem({ ...each, properties: [2] })
  const told = ['m1', 'm2'].map((other) => `"the first is not 2" tells m0 and ${other} apart`)
  const does = [own('own', 'LOCK'), own('own', 'WRITE', 2)]
  const report = await explore(system, properties, { reduction: false })
  expect(report).toMatchObject({ symmetry: 'on', alike: [['m0', 'm1', 'm2']] })
  const writes = ownDevicesSystem({ ...each, does, properties: [2] })
  const apart = await explore(writes.system, writes.properties, { reduction: false })
  expect(apart).toMatchObject({ symmetry: 'on', alike: [['m1', 'm2']], apart: told })
  const two = ownDevicesSystem({ ...each, members: 2, does, properties: [2] })
  await expect(explore(two.system, two.properties)).resolves.toMatchObject({ symmetry: { off: told[0] } })
})

test('who has what another has, or a lock of a class of its own, is no alike', async () => {
  const ofTheFirst = ownDevicesSystem({
    ...each,
    members: 2,
    does: [own('own', 'LOCK'), own('first', 'WRITE'), own('own', 'WRITE')],
  })
  await expect(symmetryOf(ofTheFirst.system)).resolves.toEqual([undefined, undefined, undefined])
  const { system } = ownDevicesSystem({ ...each, members: 2 })
  const components = system.components.map((it) => (it.lockClass === undefined ? it : { ...it, lockClass: it.id }))
  await expect(symmetryOf({ ...system, components })).resolves.toEqual([undefined, undefined, undefined])
})

test('who is never begun is not like who is, whatever both would do', async () => {
  const { system } = ownDevicesSystem({ ...each, members: 2 })
  const [first] = system.start
  await expect(symmetryOf(system)).resolves.toMatchObject(['on', [['m0', 'm1']], expect.anything()])
  await expect(symmetryOf({ ...system, start: [first!] })).resolves.toEqual([undefined, undefined, undefined])
})

test.each([
  [2, 56, 34],
  [3, 288, 80],
  [5, 8832, 314],
])(
  'two-phase commit with %i resource managers, of which nobody says that they are alike: %i states are %i orbits',
  async (managers, states, orbits) => {
    const system = twoPhaseCommit(managers)
    const [full, report] = await Promise.all(
      [false, true].map((symmetry) => explore(system, [], { reduction: false, symmetry })),
    )
    expect([full!.states, report!.states]).toEqual([states, orbits])
    expect(report!.alike).toEqual([Array.from({ length: managers }, (_, n) => `rm${n}`)])
  },
)

type Moved = Pick<Awaited<ReturnType<typeof explore>>, 'alike' | 'along'>

/** By class, for each of it what changes places, itself first. Of two it is all the same which is whose; of more the first one's is in all exchanges. */
const movedIn = ({ alike = [], along = [] }: Moved) =>
  alike.map(([first, ...others]) => {
    const exchanges = others.map((other) => along.find(({ of }) => of.join() === `${first},${other}`)?.names ?? [])
    const firsts = exchanges[0]!.map((two) =>
      two.find((name) => exchanges.every((each) => each.flat().includes(name)))!,
    )
    const otherOf = (names: (typeof exchanges)[number], name: string) =>
      names.find((two) => two.includes(name))!.find((each) => each !== name)!
    return [
      [first!, ...firsts],
      ...exchanges.map((names, at) => [others[at]!, ...firsts.map((name) => otherOf(names, name))]),
    ]
  })
