/** Systems that people describe: what is built from them, and what is said when a description does not fit. */
import { describe, expect, test } from 'vitest'
import { explore, ModelError, vfio, type VfioDescription } from '../../index.ts'
import { close, detach, map, open, pin, register, unmap, type Call } from '../../actors/vfio/describe.ts'

const page = 0x1000

const described = (changes: Partial<VfioDescription> = {}): VfioDescription => ({
  unmap: 'restart',
  containers: {
    container0: {
      mappings: [{ iova: page, size: page }],
      groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [page] } } } },
    },
  },
  tasks: { vmm0: [unmap(page, page)] },
  ...changes,
})

const withScript = (...script: readonly Call[]) => described({ tasks: { vmm0: script } })
const withContainer = (container: object) =>
  described({ containers: { container0: container as VfioDescription['containers'][string] } })

describe('a description that does not fit is refused with the names that do', () => {
  const mistakes: readonly (readonly [string, VfioDescription, string])[] = [
    ['a protocol', described({ unmap: 'restrat' as never }), 'Unknown protocol "restrat"'],
    ['a device', withScript(pin('mdev9', page)), 'Unknown device "mdev9" in a call `pin` of task vmm0. Known: mdev0'],
    ['a container', withScript(map(page, page, { container: 'c9' })), 'Unknown container "c9"'],
    ['a group', withScript(detach('group9')), 'Unknown group "group9"'],
    [
      'a driver',
      withContainer({ groups: { group26: { devices: { mdev0: { driver: 'sleeps' } } } } }),
      'Unknown driver "sleeps" of mdev0. Known: unpins-all,',
    ],
    ['a backend', withContainer({ backend: 'type3', groups: { group26: { devices: {} } } }), 'Unknown backend "type3"'],
    [
      'a prot',
      withContainer({ mappings: [{ iova: page, size: page, prot: 'x' }], groups: { group26: { devices: {} } } }),
      'Unknown prot "x"',
    ],
    ['a container without a group', withContainer({ groups: {} }), 'container0 has no group.'],
    ['no container at all', described({ containers: {} }), 'There is no container.'],
    [
      'a page pinned where nothing is mapped',
      withContainer({ groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [page] } } } } }),
      'mdev0 cannot have pinned 0x1000 at the start: nothing is mapped there.',
    ],
    [
      'a call of another time',
      described({ unmap: 'gated', tasks: { vmm0: [register('mdev0')] } }),
      '`register` does not exist with protocol gated',
    ],
  ]
  test.each(mistakes)('%s', (_, description, message) => {
    expect(() => vfio(description)).toThrow(ModelError)
    expect(() => vfio(description)).toThrow(message)
  })
})

test('only what a script can reach is built', () => {
  const ids = vfio(described()).actors.map(({ id }) => id)
  expect(ids).toContain('vmm0/unmap')
  expect(ids).toContain('vmm0/mdev0.dma_unmap')
  expect(ids).not.toContain('vmm0/map')
  expect(ids).not.toContain('container0')
})

const twoContainers: VfioDescription = {
  unmap: 'restart',
  containers: {
    container0: {
      mappings: [{ iova: page, size: page }],
      groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [page] } } } },
    },
    container1: {
      mappings: [{ iova: page, size: page }],
      groups: { group27: { devices: { mdev1: { driver: 'unpins-all' } } } },
    },
  },
  tasks: { vmm0: [unmap(page, page, { container: 'container1' })], vmm1: [unmap(page, page)] },
}

test('what is unmapped in one container stays mapped in another', async () => {
  const world = vfio(twoContainers)
  const report = await explore(world, [
    {
      kind: 'sometimes',
      name: 'one is unmapped and the other is not',
      holds: (w) => !w.mapped(page, 'container1') && w.mapped(page, 'container0') && w.pinned(page) === 1,
    },
    {
      kind: 'always',
      name: 'in the end both are',
      holds: (w) => !w.mapped(page) && !w.mapped(page, 'container1'),
      when: (w) => w.finished,
    },
  ])
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'holds'])
  expect(report.findings).toEqual([])
})

test('a device of a second group counts its users there', async () => {
  const world = vfio({
    unmap: 'restart',
    containers: {
      container0: {
        mappings: [{ iova: page, size: page }],
        groups: {
          group26: { devices: { mdev0: { driver: 'unpins-all' } } },
          group27: { devices: { mdev1: { driver: 'unpins-all', open: false } } },
        },
      },
    },
    tasks: { vmm0: [open('mdev1'), pin('mdev1', page), close('mdev1'), detach('group27')], vmm1: [unmap(page, page)] },
  })
  const report = await explore(world, [
    {
      kind: 'sometimes',
      name: 'group27 has a user more',
      holds: (w) => w.users('group27') === 2 && w.users('group26') === 2,
    },
    { kind: 'sometimes', name: 'group27 has left', holds: (w) => w.users('group27') === 0 && w.users('group26') === 2 },
    {
      kind: 'always',
      name: 'the mapping goes by an unmap only',
      holds: (w) => w.mapped(page) || w.task('vmm1').results.length > 0 || !w.finished,
    },
  ])
  expect(report.findings).toEqual([])
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen', 'holds'])
})
