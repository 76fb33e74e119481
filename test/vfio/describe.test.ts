/** Systems that people describe: what is built from them, and what is said when a description does not fit. */
import { describe, expect, test } from 'vitest'
import { explore, linux, times, type LinuxDescription } from '../../index.ts'
import { close, detach, map, open, pin, register, unmap, unregister } from '../../actors/kernel/unmap/describe.ts'
import { refusalOf, saying, type Refusal } from '../shapes/refusals.ts'

const page = 0x1000

const described = (changes: Partial<LinuxDescription> = {}): LinuxDescription => ({
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

const withTasks = (tasks: object) => ({ ...described(), tasks })
const withScript = (...script: readonly unknown[]) => withTasks({ vmm0: script })
const groups = { group26: { devices: {} } }
const withContainer = (container: object) => ({ ...described(), containers: { container0: { groups, ...container } } })
const withDevice = (device: object) =>
  withContainer({
    mappings: [{ iova: page, size: page }],
    groups: { group26: { devices: { mdev0: { driver: 'unpins-all', ...device } } } },
  })
const inDevice = 'linux(): containers.container0.groups.group26.devices.mdev0'

describe('a description that does not fit is refused with its place, what was expected and what was probably meant', () => {
  const refused: readonly Refusal[] = [
    [
      'a description that is none',
      42,
      'linux() cannot be given 42.',
      '{ name, unmap, deviceMemory, svm, systemCalls, containers, devices,',
    ],
    ['nothing', undefined, 'linux() cannot be given undefined.', '{ name, unmap,'],
    ['a promise', Promise.resolve(described()), 'linux() cannot be given a Promise.', '{ name,'],
    [
      'a protocol',
      { ...described(), unmap: 'restrat' },
      'linux(): unmap cannot be "restrat". Did you mean "restart"?',
      'one of under-lock,',
    ],
    ['no tasks', { ...described(), tasks: undefined }, 'linux(): tasks is missing.', 'tasks by name'],
    [
      'no containers',
      { unmap: 'gated', tasks: { vmm0: [] } },
      'linux(): containers is missing.',
      'at least one container',
    ],
    [
      'tasks by another name',
      { ...described(), taskz: {} },
      'linux(): taskz is not known. Did you mean "tasks"?',
      'tasks, after, remember',
    ],
    ['a name that is none', { ...described(), name: 5 }, 'linux(): name cannot be 5.', 'a name'],
    [
      'a bound that is text',
      { ...described(), unmap: { protocol: 'restart', retryBound: 'x' } },
      'linux(): unmap.retryBound cannot be "x".',
      'a whole number from 0 to 10000',
    ],
    [
      'a bound below zero',
      { ...described(), unmap: { protocol: 'restart', retryBound: -1 } },
      'linux(): unmap.retryBound cannot be -1.',
      'from 0 to 10000',
    ],
    ['text for yes or no', { ...described(), remember: 'no' }, 'linux(): remember cannot be "no".', 'true or false'],
    [
      'an assumption',
      { ...described(), unmap: { protocol: 'restart', pinTakesGroupLok: true } },
      'linux(): unmap.pinTakesGroupLok is not known. Did you mean "pinTakesGroupLock"?',
      '',
    ],

    [
      'a container’s field',
      withContainer({ grups: {} }),
      'linux(): containers.container0.grups is not known. Did you mean "groups"?',
      'backend, mappings, groups',
    ],
    [
      'a backend',
      withContainer({ backend: 'type3' }),
      'linux(): containers.container0.backend cannot be "type3". Did you mean "type1"?',
      '',
    ],
    [
      'a container without a group',
      withContainer({ groups: {} }),
      'linux(): containers.container0.groups cannot be {}.',
      'at least one group',
    ],
    [
      'no container at all',
      { ...described(), containers: {} },
      'linux(): containers cannot be {}.',
      'at least one container',
    ],
    [
      'containers in a list',
      { ...described(), containers: [] },
      'linux(): containers cannot be [].',
      'containers by name',
    ],
    [
      'a group’s field',
      withContainer({ groups: { group26: { devices: {}, viabel: false } } }),
      'linux(): containers.container0.groups.group26.viabel is not known. Did you mean "viable"?',
      '',
    ],
    [
      'one group in two containers',
      { ...described(), containers: { container0: { groups }, container1: { groups } } },
      'linux(): containers.container1.groups.group26 cannot be called so: a group is called "group26", at containers.container0.groups.group26.',
      'a name of its own',
    ],
    [
      'a task called as a device is',
      withTasks({ mdev0: [] }),
      'linux(): tasks.mdev0 cannot be called so: a device is called "mdev0", at containers.container0.groups.group26.devices.mdev0.',
      'a name of its own',
    ],
    [
      'a task called as who is outside',
      withTasks({ env: [] }),
      'linux(): tasks.env cannot be called so: who is outside of the system is called "env".',
      '',
    ],

    [
      'a mapping’s field',
      withContainer({ mappings: [{ iova: page, size: page, port: 'r' }] }),
      'linux(): containers.container0.mappings[0].port is not known. Did you mean "prot"?',
      '',
    ],
    [
      'a prot',
      withContainer({ mappings: [{ iova: page, size: page, prot: 'x' }] }),
      'linux(): containers.container0.mappings[0].prot cannot be "x".',
      'one of r, w, rw',
    ],
    [
      'a size that is text',
      withContainer({ mappings: [{ iova: page, size: '0x1000' }] }),
      'linux(): containers.container0.mappings[0].size cannot be "0x1000".',
      'Without quotes it is a number: 0x1000.',
    ],
    [
      'a size that is no number',
      withContainer({ mappings: [{ iova: page, size: NaN }] }),
      'linux(): containers.container0.mappings[0].size cannot be NaN.',
      'a multiple of 0x1000',
    ],
    [
      'part of a byte',
      withContainer({ mappings: [{ iova: page, size: 4096.5 }] }),
      'linux(): containers.container0.mappings[0].size cannot be 4096.5.',
      'a multiple of 0x1000',
    ],
    [
      'part of a page',
      withContainer({ mappings: [{ iova: 0x1800, size: page }] }),
      'linux(): containers.container0.mappings[0].iova cannot be 6144.',
      'a multiple of 0x1000',
    ],
    [
      'nothing mapped',
      withContainer({ mappings: [{ iova: page, size: 0 }] }),
      'linux(): containers.container0.mappings[0].size cannot be 0.',
      '0x1000 or more',
    ],
    [
      'more than there is',
      withContainer({ mappings: [{ iova: (1n << 64n) - 0x1000n, size: 2 * page }] }),
      'linux(): containers.container0.mappings[0].size cannot be 8192.',
      'ends at 2^64',
    ],
    [
      'an address beyond 64 bits',
      withContainer({ mappings: [{ iova: 1n << 64n, size: page }] }),
      'linux(): containers.container0.mappings[0].iova cannot be 18446744073709551616n.',
      'below 2^64',
    ],
    [
      'a mapping over another',
      withContainer({
        mappings: [
          { iova: page, size: 2 * page },
          { iova: 2 * page, size: page },
        ],
      }),
      'linux(): containers.container0.mappings[1] lies over another: 0x2000 + 0x1000 and [0], 0x1000 + 0x2000.',
      'a range of its own',
    ],
    [
      'more mappings than anybody can search',
      withContainer({ mappings: Array.from({ length: 100_000 }, (_, n) => ({ iova: n * page, size: page })) }),
      'linux(): containers.container0.mappings.length cannot be 100000.',
      '1000 mappings or fewer',
    ],

    ['a driver', withDevice({ driver: 'sleeps' }), `${inDevice}.driver cannot be "sleeps".`, 'one of unpins-all,'],
    [
      'what is pinned',
      withDevice({ pined: [page] }),
      `${inDevice}.pined is not known. Did you mean "pinned"?`,
      'driver, open, pinned, mirror, careful',
    ],
    ['one page for a list', withDevice({ pinned: page }), `${inDevice}.pinned cannot be 4096.`, 'a list of pages'],
    [
      'a page that is pinned where nothing is mapped',
      withDevice({ pinned: [page, 2 * page] }),
      `${inDevice}.pinned[1] cannot be 8192: nothing is mapped at 0x2000.`,
      'a page that is mapped when the story begins: 0x1000 + 0x1000',
    ],
    [
      'a mirror over itself',
      withDevice({
        mirror: [
          { iova: 0, size: page },
          { iova: 0, size: page },
        ],
      }),
      `${inDevice}.mirror[1] lies over another: 0x0 + 0x1000 and [0], 0x0 + 0x1000.`,
      '',
    ],

    [
      'a script that is none',
      withTasks({ vmm0: 5 }),
      'linux(): tasks.vmm0 cannot be 5.',
      'a list of calls, or { process, script }',
    ],
    [
      'a task’s field',
      withTasks({ vmm0: { proces: 'x', script: [] } }),
      'linux(): tasks.vmm0.proces is not known. Did you mean "process"?',
      'process, script',
    ],
    ['nothing for a call', withScript(null), 'linux(): tasks.vmm0[0] cannot be null.', 'a call'],
    ['a call that is none', withScript({ call: 'nope' }), 'linux(): tasks.vmm0[0].do is missing.', 'map'],
    [
      'a call that does not exist',
      withTasks({ vmm0: { script: [{ do: 'unmpa', iova: 0, size: 0 }] } }),
      'linux(): tasks.vmm0.script[0].do cannot be "unmpa". Did you mean "unmap"?',
      'one of map, unmap,',
    ],
    [
      'a call’s option',
      withScript(map(page, page, { prto: 'r' } as object)),
      'linux(): tasks.vmm0[0].prto is not known. Did you mean "prot"?',
      'do, iova, size, prot, container',
    ],
    [
      'a call’s option that is none',
      withScript(map(page, page, 'rw' as never)),
      'linux(): tasks.vmm0[0].0 is not known.',
      'do, iova, size, prot, container',
    ],
    [
      'a call’s address',
      withScript(unmap(undefined as never, page)),
      'linux(): tasks.vmm0[0].iova is missing.',
      'a whole number of bytes',
    ],
    [
      'an address that is text',
      withScript(unmap(0, '0x1000' as never)),
      'linux(): tasks.vmm0[0].size cannot be "0x1000".',
      'Without quotes it is a number: 0x1000.',
    ],
    [
      'an address below zero',
      withScript(unmap(0, -4096)),
      'linux(): tasks.vmm0[0].size cannot be -4096.',
      'a whole number of bytes',
    ],
    [
      'a device',
      withScript(pin('mdev9', page)),
      'linux(): tasks.vmm0[0].device cannot be "mdev9". Did you mean "mdev0"?',
      'a device of this description: mdev0',
    ],
    [
      'a device that listens',
      withScript(register('mdev0', { nb: 'mdev9' })),
      'linux(): tasks.vmm0[0].nb cannot be "mdev9". Did you mean "mdev0"?',
      '',
    ],
    [
      'events',
      withScript(register('mdev0', { evnets: 1 } as object)),
      'linux(): tasks.vmm0[0].evnets is not known. Did you mean "events"?',
      '',
    ],
    [
      'a container',
      withScript(map(page, page, { container: 'container9' })),
      'linux(): tasks.vmm0[0].container cannot be "container9". Did you mean "container0"?',
      '',
    ],
    [
      'a group',
      withScript(detach('group29')),
      'linux(): tasks.vmm0[0].group cannot be "group29". Did you mean "group26"?',
      '',
    ],
    [
      'how to detach',
      withScript(detach('group26', 'uset' as never)),
      'linux(): tasks.vmm0[0].how cannot be "uset". Did you mean "unset"?',
      'one of close, unset',
    ],
    [
      'a call of another time',
      { ...withScript(register('mdev0')), unmap: 'gated' },
      'linux(): tasks.vmm0[0].do cannot be "register": there is no such call with gated.',
      'use open and close',
    ],
    [
      'a call of a time that is over',
      { ...withScript(unregister('mdev0')), unmap: 'device-list' },
      'linux(): tasks.vmm0[0].do cannot be "unregister": there is no such call with device-list.',
      'use open and close',
    ],
    [
      'a script without an end',
      withScript(...times(1000, unmap(0, page)), unmap(0, page)),
      'linux(): tasks.vmm0.length cannot be 1001.',
      '1000 calls or fewer',
    ],
    [
      'more tasks than anybody can search',
      withTasks(Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`vmm${n}`, []]))),
      'linux(): tasks cannot be so many: 600.',
      '64 tasks or fewer',
    ],
  ]
  test.each(refused)('%s', (_, description, fact, expected) =>
    expect(refusalOf(() => linux(description as LinuxDescription))).toEqual(saying(fact, expected)),
  )

  test.each([NaN, -1, 0.5, '3', 1e9, undefined])('how many times cannot be %s', (count) =>
    expect(refusalOf(() => times(count as number, unmap(0, page)))).toEqual(
      saying(
        `times() cannot be given ${typeof count === 'string' ? `"${count}"` : count}.`,
        'a whole number from 0 to 1000',
      ),
    ),
  )

  test('two actors of one name, each made of a name that is nobody else’s', () => {
    const devices = { iommu: { driver: 'unpins-all' } } as const
    const description = { ...described(), containers: { container0: { groups: { group26: { devices } } } } }
    expect(refusalOf(() => linux({ ...description, tasks: { vmm0: [pin('iommu', page)] } }))).toEqual(
      saying(
        'Two actors would be called "iommu.lock".',
        'Write another name at containers.container0.groups.group26.devices.iommu, as "iommub".',
      ),
    )
    expect(() => linux({ ...description, tasks: { vmm0: [pin('iommu', page)] } })).toThrow(
      /one +a device called "iommu", at containers.container0.groups.group26.devices.iommu\n +other +something that the kernel itself calls so/,
    )
  })
})

test('only what a script can reach is built', () => {
  const ids = linux(described()).actors.map(({ id }) => id)
  expect(ids).toContain('vmm0/unmap')
  expect(ids).toContain('vmm0/mdev0.dma_unmap')
  expect(ids).not.toContain('vmm0/map')
  expect(ids).not.toContain('container0')
})

const twoContainers: LinuxDescription = {
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
  const world = linux(twoContainers)
  const report = await explore(world, [
    {
      kind: 'sometimes',
      name: 'one is unmapped and the other is not',
      holds: (w) =>
        !w.vfio.mapped(page, 'container1') && w.vfio.mapped(page, 'container0') && w.vfio.pinned(page) === 1,
    },
    {
      kind: 'always',
      name: 'in the end both are',
      holds: (w) => !w.vfio.mapped(page) && !w.vfio.mapped(page, 'container1'),
      when: (w) => w.finished,
    },
  ])
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'holds'])
  expect(report.findings).toEqual([])
})

test('a device of a second group counts its users there', async () => {
  const world = linux({
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
      holds: (w) => w.vfio.users('group27') === 2 && w.vfio.users('group26') === 2,
    },
    {
      kind: 'sometimes',
      name: 'group27 has left',
      holds: (w) => w.vfio.users('group27') === 0 && w.vfio.users('group26') === 2,
    },
    {
      kind: 'always',
      name: 'the mapping goes by an unmap only',
      holds: (w) => w.vfio.mapped(page) || w.task('vmm1').results.length > 0 || !w.finished,
    },
  ])
  expect(report.findings).toEqual([])
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen', 'holds'])
})
