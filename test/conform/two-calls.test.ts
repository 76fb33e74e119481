/**
 * Two calls at once, of iommufd or on files of devices: every order is looked at, what comes of it is in docs/CONFORMANCE.md, and what two calls
 * one after the other come back with is among it.
 */
import { describe, expect, test } from 'vitest'
import type { Op } from '../../actors/kernel/system-calls/op.ts'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import type { ProfileName } from '../../machines/profile.ts'
import type { AskedRace } from '../../conform/index.ts'
import { exploreRace, keyOfOutcome } from '../../conform/race.ts'
import { outcomeWords, tellingOps } from '../../conform/telling.ts'
import { between, rewrite, updating } from '../docs/pages.ts'

/** Where nothing else is said, and where containers of VFIO's own stand beside. */
const newest: ProfileName = 'iommufd-type1v2'
const native = 'iommufd-native-7.2'
const thread: Op = { op: 'thread', as: 't1' }
const racing = { async: 0, barrier: 1 }

const page = 0x1000
const iommufd: readonly Op[] = [
  { op: 'open_iommufd', as: 'i0' },
  { op: 'ioas_alloc', fd: 'i0' },
]
const memory: readonly Op[] = [
  { op: 'mmap', as: 'b0', len: page },
  { op: 'fill', vaddr: 'b0', len: page, val: 1 },
]
const opened: readonly Op[] = [...iommufd, { op: 'open_cdev', dev: 'edu0', as: 'd0' }]
const bind = (fd: string): Op => ({ op: 'bind_iommufd', fd, iommufd: 'i0' })
/** The device has number 2. */
const bound: readonly Op[] = [...opened, bind('d0')]
const attach = (ioas: number): Op => ({ op: 'attach_pt', fd: 'd0', ioas })
const close: Op = { op: 'close', fd: 'd0' }
const destroy = (id: number): Op => ({ op: 'destroy', fd: 'i0', id })
const allocate: Op = { op: 'hwpt_alloc', fd: 'i0', devid: 2, pt: 1 }
const at = { fd: 'i0', ioas: 1, size: page }
const map: Op = { op: 'ioas_map', ...at, iova: page, vaddr: 'b0' }
const unmap: Op = { op: 'ioas_unmap', ...at, iova: page }
const copy: Op = { op: 'ioas_copy', fd: 'i0', dst: 1, src: 1, dst_iova: 5 * page, src_iova: page, size: page }

const inContainer: readonly Op[] = [
  ...[
    { op: 'open_container', as: 'c0' },
    { op: 'open_iommufd', as: 'i0' },
    { op: 'open_group', dev: 'edu0', as: 'g0' },
  ],
  { op: 'group_set_container', fd: 'g0', container: 'c0' },
  { op: 'set_iommu', fd: 'c0', type: 3 },
]

interface TwoCalls {
  readonly profile?: typeof native
  /** As docs/CONFORMANCE.md calls them. */
  readonly what: string
  readonly before: readonly Op[]
  readonly calls: readonly [Op, Op]
  readonly states: number
  /** Outcomes that neither call made first and through gives. */
  readonly inBetween?: number
}

const all: readonly TwoCalls[] = [
  {
    what: 'BIND, open of the group',
    before: opened,
    calls: [bind('d0'), { op: 'open_group', dev: 'edu0', as: 'g0' }],
    states: 79,
  },
  {
    what: 'BIND of two files of a device',
    before: [...opened, { op: 'open_cdev', dev: 'edu0', as: 'd1' }],
    calls: [bind('d0'), bind('d1')],
    states: 252,
  },
  { what: 'ATTACH, close of the file', before: bound, calls: [attach(1), close], states: 216 },
  {
    what: 'ATTACH to two IOASes',
    before: [...bound, { op: 'ioas_alloc', fd: 'i0' }],
    calls: [attach(1), attach(3)],
    states: 237,
  },
  {
    what: 'ATTACH anew, DETACH',
    before: [...bound, attach(1)],
    calls: [attach(1), { op: 'detach_pt', fd: 'd0' }],
    states: 156,
  },
  { what: 'DESTROY of an IOAS, twice', before: iommufd, calls: [destroy(1), destroy(1)], states: 100 },
  { what: 'DESTROY of a device, close of its file', before: bound, calls: [destroy(2), close], states: 60 },
  { what: 'DESTROY of an IOAS, HWPT_ALLOC in it', before: bound, calls: [destroy(1), allocate], states: 90 },
  { what: 'HWPT_ALLOC for a device, close of its file', before: bound, calls: [allocate, close], states: 60 },
  {
    what: 'GET_HW_INFO of a device, close of its file',
    before: bound,
    calls: [{ op: 'get_hw_info', fd: 'i0', devid: 2 }, close],
    states: 60,
  },
  { what: 'IOAS_MAP of one range, twice', before: [...iommufd, ...memory], calls: [map, map], states: 97 },
  { what: 'IOAS_MAP, IOAS_UNMAP', before: [...iommufd, ...memory], calls: [map, unmap], states: 104, inBetween: 1 },
  {
    what: 'IOAS_COPY, IOAS_UNMAP of its source',
    before: [...iommufd, ...memory, map],
    calls: [copy, unmap],
    states: 165,
  },
  {
    what: 'ALLOW_IOVAS, IOAS_MAP wherever the kernel likes',
    before: [...iommufd, ...memory],
    calls: [
      { op: 'ioas_allow_iovas', fd: 'i0', ioas: 1, ranges: '0x8000-0x8fff' },
      { ...map, iova: 0, flags: 0b110 },
    ],
    states: 86,
  },
  {
    what: 'IOVA_RANGES, ATTACH',
    before: bound,
    calls: [{ op: 'ioas_iova_ranges', fd: 'i0', ioas: 1 }, attach(1)],
    states: 60,
    inBetween: 1,
  },
  {
    what: 'UNSET_CONTAINER, GET_DEVICE_FD',
    before: [
      { op: 'open_iommufd', as: 'i0' },
      { op: 'open_group', dev: 'edu0', as: 'g0' },
      { op: 'group_set_container', fd: 'g0', container: 'i0' },
    ],
    calls: [
      { op: 'group_unset_container', fd: 'g0' },
      { op: 'get_device_fd', fd: 'g0', dev: 'edu0', as: 'd0' },
    ],
    states: 96,
  },
  {
    what: 'UNSET_CONTAINER of a container, SET_CONTAINER of an iommufd',
    profile: native,
    before: inContainer,
    calls: [
      { op: 'group_unset_container', fd: 'g0' },
      { op: 'group_set_container', fd: 'g0', container: 'i0' },
    ],
    states: 82,
  },
  {
    what: 'close of a group in a container, BIND of its device',
    profile: native,
    before: [...inContainer, { op: 'open_cdev', dev: 'edu0', as: 'd0' }],
    calls: [{ op: 'close', fd: 'g0' }, bind('d0')],
    states: 40,
  },
]

/** What the two come back with, one after the other. */
const inOrder = (profile: ProfileName, before: readonly Op[], first: Op, second: Op) =>
  replayCase({ name: 'in-order', ops: [...before, thread, first, second] }, profile).results.slice(-2)

/** What is the same in all outcomes is not told. */
const short = (words: readonly string[]): string =>
  words
    .map((each) =>
      each
        .replace(/^t1 /, '')
        .replace(/ret=-1 err=/, '')
        .replace(/ret=0/, '0'),
    )
    .join('; ')

const told: string[] = []

describe('two calls at once', () => {
  test.each(all)('$what: $states states', async ({ profile = newest, what, before, calls, states, inBetween = 0 }) => {
    const [one, other] = calls
    const beside = { ...other, proc: 't1' }
    const race: AskedRace = {
      name: `race.${one.op}_${other.op}`,
      ops: [...before, thread, { ...one, ...racing }, { ...beside, ...racing }],
    }
    const asked = await exploreRace(race, profile)
    expect({ exhaustive: asked.exhaustive, findings: asked.findings, states: asked.states }).toEqual({
      exhaustive: true,
      findings: [],
      states,
    })
    const outcomes = asked.possible.map(({ results }) => results)
    const keys = outcomes.map((results) => keyOfOutcome(results.slice(-2)))
    const orders = [inOrder(profile, before, one, beside), inOrder(profile, before, beside, one).toReversed()].map(
      keyOfOutcome,
    )
    expect(keys).toEqual(expect.arrayContaining(orders))
    expect(keys.filter((key) => !orders.includes(key))).toHaveLength(inBetween)
    const telling = tellingOps(race, outcomes)
    const said = outcomes.map((results, nth) => {
      const words = short(outcomeWords(race, telling, results)) || 'the same'
      return orders.includes(keys[nth]!) ? words : `_${words}_`
    })
    told.push(`| ${what} | ${said.join('<br>')} |`)
  })
})

test('docs/CONFORMANCE.md tells them', () => {
  const wanted = `${['| two calls at once | what may come of them |', '| --- | --- |', ...told].join('\n')}\n`
  const there = between('docs/CONFORMANCE.md', 'two calls')
  if (updating && there !== wanted)
    rewrite('docs/CONFORMANCE.md', `<!-- two calls -->\n${there}`, `<!-- two calls -->\n${wanted}`)
  expect(between('docs/CONFORMANCE.md', 'two calls')).toBe(wanted)
})
