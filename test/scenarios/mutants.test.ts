/** Charts broken on purpose, one guard or action at a time: the properties of the scenario that proved them must notice. */
import { expect, test } from 'vitest'
import type { AnyStateMachine } from 'xstate'
import { toSystem } from '../../actors/running/system.ts'
import type { World } from '../../actors/world/world.ts'
import { explore } from '../../explore/index.ts'
import { decided, type Choices } from '../../scenarios/choices.ts'
import { findScenario } from '../../scenarios/index.ts'

type Implementations = Parameters<AnyStateMachine['provide']>[0]

interface Mutant {
  readonly what: string
  readonly scenario: string
  readonly choices: Partial<Choices>
  /** Id of the machine that is broken. */
  readonly machine: string
  readonly broken: Implementations
  /** Kinds that show it; any of them will do. */
  readonly caughtAs: readonly string[]
}

const never = () => false

const mutants: readonly Mutant[] = [
  {
    what: 'restart that does not look whether pages are pinned',
    ...{ scenario: 'well-behaved', choices: { unmap: 'restart' }, machine: 'restart' },
    broken: { guards: { isPinned: never } },
    caughtAs: ['leak'],
  },
  {
    what: 'restart that counts every meeting as one of the same mapping',
    ...{ scenario: 'first-page-only', choices: { unmap: 'restart' }, machine: 'restart' },
    broken: { guards: { isOneTooMany: ({ event }: { event: { pinned?: boolean } }) => event.pinned === true } },
    caughtAs: ['bug'],
  },
  {
    what: 'per-request that looks at nobody when it notifies',
    ...{ scenario: 'stale-dma', choices: { unmap: 'per-request' }, machine: 'notifierCallChain' },
    broken: { guards: { isEnd: () => true } },
    caughtAs: ['leak', 'warn'],
  },
  {
    what: 'an iommufd unmap that does not look whether accesses hold pages',
    ...{ scenario: 'well-behaved', choices: { unmap: 'gated' }, machine: 'gated' },
    broken: { guards: { isAccessed: never, isOneTooMany: never } },
    caughtAs: ['stale-mapping', 'leak', 'warn', 'use-after-free'],
  },
  {
    what: 'a register that does not look at its arguments',
    ...{ scenario: 'register-errnos', choices: { unmap: 'restart' }, machine: 'registerNotifier' },
    broken: { guards: { nullArgument: never } },
    caughtAs: ['wrong-result'],
  },
  {
    what: 'an unregister that does not find out whether it was registered',
    ...{ scenario: 'register-errnos', choices: { unmap: 'per-mapping' }, machine: 'notifierChain' },
    broken: { guards: { isListed: () => true } },
    caughtAs: ['wrong-result'],
  },
  {
    what: 'shared private data that is not counted when a vma is copied',
    ...{ scenario: 'copied-mapping', choices: { as: 'repaired' }, machine: 'vmaPrivate' },
    broken: { guards: { opens: never } },
    caughtAs: ['use-after-free', 'double-free', 'refcount'],
  },
  {
    what: 'a device notifier that tells nobody of a release',
    ...{
      scenario: 'closed-device',
      choices: { protocol: 'device-notifier', as: 'repaired' },
      machine: 'deviceNotifier',
    },
    broken: { guards: { tells: never } },
    caughtAs: ['stale-mapping'],
  },
  {
    what: 'a dma-buf that is not revoked when its device is closed',
    ...{ scenario: 'closed-device', choices: { protocol: 'dma-buf', as: 'repaired' }, machine: 'dmaBuf' },
    broken: { guards: { isCleanUp: never } },
    caughtAs: ['stale-mapping'],
  },
  {
    what: 'a dma-buf that is not moved when memory is disabled',
    ...{ scenario: 'map-while-disabling', choices: { protocol: 'dma-buf' }, machine: 'dmaBuf' },
    broken: { guards: { isMove: never } },
    caughtAs: ['stale-mapping'],
  },
  {
    what: 'a zap that finds no mapping in the inode',
    ...{ scenario: 'cpu-access', choices: { protocol: 'dma-buf' }, machine: 'zapByInode' },
    broken: { guards: { isDone: () => true } },
    caughtAs: ['stale-mapping'],
  },
  {
    what: 'an unbinding that does not wait for those who have the device open',
    ...{ scenario: 'bind-while-unbinding', choices: { protocol: 'repaired' }, machine: 'unregisterDevice' },
    broken: { guards: { isInUse: never } },
    caughtAs: ['use-after-free'],
  },
  {
    what: 'a device that is opened by nobody once it has lost its registration',
    ...{ scenario: 'bind-while-unbinding', choices: { protocol: 'repaired' }, machine: 'device' },
    broken: {
      guards: {
        isFirstOpen: ({ context }: { context: { opens: number; refs: number } }) =>
          context.opens === 0 && context.refs > 1,
      },
    },
    caughtAs: ['wrong-result'],
  },
  {
    what: 'a file that is released with its device open',
    ...{ scenario: 'close-while-attaching', choices: { protocol: 'repaired' }, machine: 'releaseCdev' },
    broken: { guards: { closes: never } },
    caughtAs: ['leak'],
  },
]

const brokenWorld = (world: World<any>, { machine, broken }: Mutant): World<any> => ({
  ...world,
  actors: world.actors.map((spec) => {
    if (spec.machine.id !== machine) return spec
    const provided = spec.machine.provide(broken)
    // A snapshot knows its machine.
    return { ...spec, machine: provided, ...(spec.resumed && { resumed: provided.resolveState(spec.resumed) }) }
  }),
})

test.each(mutants)('$what is caught', async (mutant) => {
  const scenario = findScenario(mutant.scenario)!
  const choices = decided(scenario.choices, mutant.choices)
  const whole = scenario.world(choices)
  const broken = brokenWorld(whole, mutant)
  expect(broken.actors).not.toEqual(whole.actors)
  const options = { shortest: false, within: { states: 200_000 } }
  const [before, after] = await Promise.all([
    explore(toSystem(whole), scenario.properties(choices), options),
    explore(toSystem(broken), scenario.properties(choices), options),
  ])
  const kinds = after.findings.map(({ kind }) => kind)
  expect(before.findings.map(({ kind }) => kind).filter((kind) => mutant.caughtAs.includes(kind))).toEqual([])
  expect(kinds.some((kind) => mutant.caughtAs.includes(kind))).toBe(true)
})
