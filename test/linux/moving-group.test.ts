/**
 * A group that moves from one container to another while a device of it is bound by a file of its own. That either is EBUSY while the other has it was
 * recorded; what a move may come to, and that a kernel whose group knows nothing of such files lets both in, is derived.
 */
import { describe, expect, test } from 'vitest'
import type { Op } from '../../actors/kernel/system-calls/op.ts'
import { always, explore, linux, sometimes, type LinuxView } from '../../index.ts'
import { bindFile, iommufd, isBoundByFile, isOpenGroup, ownFile } from '../../scenarios/iommufd/words.ts'
import { failedWith, groupIn, succeeded, thread } from '../../scenarios/system-calls/linux-words.ts'

const unset = { op: 'group_unset_container', fd: 'g0' }
const intoOther = (fd: string): Op => ({ op: 'group_set_container', fd, container: 'c1' })

/** Its file stays open all the time, or is closed and opened anew. */
const moves = {
  kept: [unset, intoOther('g0')],
  reopened: [unset, { op: 'close', fd: 'g0' }, { op: 'open_group', dev: 'multi0', as: 'g1' }, intoOther('g1')],
} as const

async function search(how: keyof typeof moves, form: 'posted' | 'repaired') {
  const { states, exhaustive, findings, properties } = await explore(
    linux({
      systemCalls: { profile: 'iommufd-type1v2', but: { barsGroup: form === 'repaired' } },
      before: [
        ...[iommufd, { op: 'open_container', as: 'c0' }, { op: 'open_container', as: 'c1' }, ...groupIn('multi0')],
        ...[ownFile('multi1', 'd1'), thread()],
      ],
      tasks: { p0: moves[how], t1: [bindFile('d1')] },
    }),
    [
      always<LinuxView>(
        'a group is not open while a device of it is bound by its own file',
        (w) => !(isOpenGroup(w, 'group2') && isBoundByFile(w, 'multi1')),
      ),
      sometimes<LinuxView>('it has moved', (w) => succeeded(w.result('p0', 'group_set_container'))),
      sometimes<LinuxView>(
        'it has moved, and the device is bound',
        (w) => succeeded(w.result('p0', 'group_set_container')) && succeeded(w.result('t1', 'bind_iommufd')),
      ),
      sometimes<LinuxView>('the device is busy', (w) => failedWith(w.result('t1', 'bind_iommufd'), 'EBUSY')),
      sometimes<LinuxView>(
        'it has left one container and does not come into the other',
        (w) =>
          w.finished &&
          succeeded(w.result('p0', 'group_unset_container')) &&
          !succeeded(w.result('p0', 'group_set_container')),
      ),
    ],
  )
  expect([exhaustive, findings.map(({ title }) => title)]).toEqual([true, []])
  return [states, ...properties.map(({ verdict }) => verdict)]
}

describe('a group whose file stays open', () => {
  test('keeps its devices from being bound, wherever it is', async () =>
    expect(await search('kept', 'repaired')).toEqual([36, 'holds', 'seen', 'unseen', 'seen', 'unseen']))

  test('moves beside a device that is bound, where it does not know of it', async () =>
    expect(await search('kept', 'posted')).toEqual([28, 'violated', 'seen', 'seen', 'unseen', 'unseen']))
})

describe('a group that is closed on the way', () => {
  test('may find itself shut out, and is in no container then', async () =>
    expect(await search('reopened', 'repaired')).toEqual([229, 'holds', 'seen', 'unseen', 'seen', 'seen']))

  test('is never shut out where it does not know of the device', async () =>
    expect(await search('reopened', 'posted')).toEqual([198, 'violated', 'seen', 'seen', 'unseen', 'unseen']))
})
