import { describe, expect, test } from 'vitest'
import { svmForms, type SvmForm } from '../../machines/sva/bond/forms.ts'
import { svmDeviceFile } from '../../machines/sva/device/device-file.ts'
import { svmInfo } from '../../machines/sva/bond/info.ts'
import { rfc29 as protocol } from '../../machines/sva/bond/rfc29.ts'
import { feed } from './feed.ts'
import { mm, system, type Net, type Setting } from './svm-net.ts'

const { posted } = svmForms.rfc29

/** As posted, but for what is said. */
const rfc29 = (form: Partial<SvmForm> = {}, more: Setting = {}) => system({ ...more, form: { ...posted, ...form } })
const stops = { dev0: 'clean', dev1: 'clean' }
/** With everything mended; devices can be asked. */
const mended = (form: Partial<SvmForm> = {}, more: Setting = {}) => system({ stops, ...more, form })

const bind = (process = 'vmm0', more: object = {}) => ({ do: 'BIND', process, ...more })
const unbind = (process = 'vmm0', more: object = {}) => ({ do: 'UNBIND', process, ...more })
const flushed = 1
const clean = 2

const entriesOf = (net: Net): readonly string[] =>
  net.context('dev0.tasks').ptrs.map(({ id }: any) => {
    const { fields } = net.context('vfio_tasks').objects.find(({ ptr }: any) => ptr.id === id)
    return `${fields.pasid} ${fields.mm.id}`
  })
const allocatedOf = (net: Net): number => net.context('vfio_tasks').objects.length
const bondsOf = (net: Net): readonly string[] =>
  net
    .context('bonds')
    .bonds.map((bond: any) => `${bond.device} ${bond.pasid} ${bond.mm.id} ${bond.users} ${bond.state}`)
const unboundOf = (net: Net) => net.context('translation').unbound
const wrong = (net: Net) => net.said.filter((line) => line.startsWith('!'))
const knows = (net: Net, process: string) => net.context(process).pasids
/** The lines in which tasks_lock is taken, and those which are given. */
const order = (net: Net, ...lines: readonly string[]) => net.said.filter((line) => lines.includes(line))
const exit = (net: Net, process: string) => net.call('t1', 'exit', { process })

describe.each([
  ['as posted', rfc29],
  ['mended', mended],
] as const)('BIND %s', (_, made) => {
  test('makes a bond and an entry, and tells the user the PASID', () => {
    const net = made()
    expect(net.call('t1', 'dev0', bind())).toEqual({ ret: 0, pasid: 1 })
    expect([entriesOf(net), bondsOf(net), knows(net, 'vmm0')]).toEqual([['1 mm0'], ['dev0 1 mm0 1 live'], { dev0: 1 }])
    expect(net.state('dev0.tasks_lock')).toBe('free')
    expect(net.context('dev0.file').entered).toBe(0)
    expect(net.busy('t1')).toEqual([])
  })

  test('looks at no flags', () => {
    expect(made().call('t1', 'dev0', bind('vmm0', { flags: 0xff }))).toEqual({ ret: 0, pasid: 1 })
  })

  test.each([
    ['an argument that cannot be read', { fault: 'in', argsz: 4 }, '-EFAULT'],
    ['an argument that is too small', { argsz: 11 }, '-EINVAL'],
    ['no memory', { nomem: true }, '-ENOMEM'],
  ] as const)('%s leaves nothing behind', (_, more, ret) => {
    const net = made()
    expect(net.call('t1', 'dev0', bind('vmm0', more))).toEqual({ ret })
    expect([bondsOf(net), allocatedOf(net), knows(net, 'vmm0'), unboundOf(net)]).toEqual([[], 0, {}, []])
    expect([net.state('pasid1'), net.context('dev0.file').entered, net.busy('t1')]).toEqual(['free', 0, []])
  })

  test('without a descriptor: -EBADF, whatever else is wrong', () => {
    const net = made()
    net.call('t1', 'dev0.close', { process: 'vmm0' })
    expect(net.call('t1', 'dev0', bind('vmm0', { fault: 'in' }))).toEqual({ ret: '-EBADF' })
    expect(net.context('dev0.file').entered).toBe(0)
  })

  test('of a process that is over: -ESRCH', () => {
    const net = made()
    net.call('t1', 'exit', { process: 'vmm0' })
    expect(net.call('t1', 'dev0', bind())).toEqual({ ret: '-ESRCH' })
    expect([allocatedOf(net), bondsOf(net)]).toEqual([0, []])
  })

  test('says what the IOMMU says, and leaves no entry', () => {
    const net = made({}, { pasids: 0 })
    expect(net.call('t1', 'dev0', bind())).toEqual({ ret: '-ENOSPC' })
    expect([bondsOf(net), allocatedOf(net), net.state('dev0.tasks_lock')]).toEqual([[], 0, 'free'])
  })

  test('finds out who calls before it looks for the descriptor', () => {
    const net = made()
    net.call('t1', 'dev0', bind())
    expect(net.said.filter((line) => !line.startsWith('t1/')).slice(0, 2)).toEqual(['vmm0 CURRENT', 'dev0.file ENTER'])
  })
})

describe('BIND', () => {
  test('as posted: the PASID is live before there is an entry', () => {
    const net = rfc29()
    net.start('t1', 'dev0', bind())
    net.run('t1', 'dev0.tasks_lock LOCK')
    expect([bondsOf(net), entriesOf(net)]).toEqual([['dev0 1 mm0 1 live'], []])
    expect(net.call('t2', 'dev0', unbind('vmm0', { pasid: 1 }))).toEqual({ ret: 'uninitialised', missed: true })
    expect(net.run('t1')).toEqual({ ret: 0, pasid: 1 })
  })

  test('mended: who comes in between waits until the user knows', () => {
    const net = mended()
    net.start('t1', 'dev0', bind())
    net.run('t1', 'dev0.tasks ADD')
    expect(net.call('t2', 'dev0', unbind('vmm0', { pasid: 1 }))).toBeNull()
    expect(net.run('t1')).toEqual({ ret: 0, pasid: 1 })
    expect(net.run('t2')).toEqual({ ret: 0 })
    expect([bondsOf(net), allocatedOf(net)]).toEqual([[], 0])
  })

  test('tracked later: nobody misses what is another’s', () => {
    const net = mended({ tracks: 'after-bind' })
    net.start('t1', 'dev0', bind())
    net.run('t1', 'dev0.tasks_lock LOCK')
    expect(net.call('t2', 'dev0', unbind('vmm1', { pasid: 1 }))).toEqual({ ret: '-ESRCH' })
    expect(net.call('t2', 'dev0', unbind('vmm0', { pasid: 1 }))).toEqual({ ret: '-ESRCH', missed: true })
    expect(net.busy('t2')).toEqual([])
  })

  test('the entry comes after the bond, or before', () => {
    const lines = [
      'vfio_tasks ALLOC',
      'dev0.tasks_lock LOCK',
      't1/bind CALL',
      'dev0.tasks ADD',
      'dev0.tasks_lock UNLOCK',
      'vmm0 PASID',
    ]
    const net = rfc29()
    net.call('t1', 'dev0', bind())
    expect(order(net, ...lines)).toEqual([
      't1/bind CALL',
      'vfio_tasks ALLOC',
      'dev0.tasks_lock LOCK',
      'dev0.tasks ADD',
      'dev0.tasks_lock UNLOCK',
      'vmm0 PASID',
    ])
    const other = mended()
    other.call('t1', 'dev0', bind())
    expect(order(other, ...lines)).toEqual([
      'vfio_tasks ALLOC',
      'dev0.tasks_lock LOCK',
      't1/bind CALL',
      'dev0.tasks ADD',
      'vmm0 PASID',
      'dev0.tasks_lock UNLOCK',
    ])
  })

  test('as posted: what the user could not be told stays bound', () => {
    const net = rfc29()
    expect(net.call('t1', 'dev0', bind('vmm0', { fault: 'out' }))).toEqual({ ret: '-EFAULT' })
    expect([entriesOf(net), bondsOf(net), knows(net, 'vmm0')]).toEqual([['1 mm0'], ['dev0 1 mm0 1 live'], {}])
  })

  test('mended: what the user could not be told is taken back', () => {
    const net = mended()
    expect(net.call('t1', 'dev0', bind('vmm0', { fault: 'out' }))).toEqual({ ret: '-EFAULT' })
    expect([allocatedOf(net), bondsOf(net), net.state('pasid1')]).toEqual([0, [], 'free'])
    expect([net.state('dev0.tasks_lock'), unboundOf(net), net.busy('t1')]).toEqual(['free', [], []])
  })

  test('mended: what cannot be taken back either stays for the release', () => {
    const net = mended({}, { failures: 1 })
    expect(net.call('t1', 'dev0', bind('vmm0', { fault: 'out' }))).toEqual({ ret: '-EFAULT' })
    expect([entriesOf(net), bondsOf(net), net.state('dev0.tasks_lock')]).toEqual([
      ['1 mm0'],
      ['dev0 1 mm0 1 live'],
      'free',
    ])
    for (const process of ['vmm0', 'vmm1']) net.call('t1', 'dev0.close', { process })
    expect([allocatedOf(net), bondsOf(net)]).toEqual([0, []])
  })

  test('that drops what it could not take back forgets the bond', () => {
    const net = mended({ onFailure: 'drops' }, { failures: 1 })
    expect(net.call('t1', 'dev0', bind('vmm0', { fault: 'out' }))).toEqual({ ret: '-EFAULT' })
    expect([allocatedOf(net), bondsOf(net)]).toEqual([0, ['dev0 1 mm0 1 live']])
  })

  test('as posted: no memory for a second entry takes the first bond with it', () => {
    const net = rfc29()
    net.call('t1', 'dev0', bind())
    expect(net.call('t1', 'dev0', bind('vmm0', { nomem: true }))).toEqual({ ret: '-ENOMEM' })
    expect([entriesOf(net), bondsOf(net)]).toEqual([['1 mm0'], []])
  })

  test('every BIND has its own entry', () => {
    const net = mended()
    net.call('t1', 'dev0', bind())
    net.call('t1', 'dev0', bind())
    expect([entriesOf(net), bondsOf(net)]).toEqual([['1 mm0', '1 mm0'], ['dev0 1 mm0 2 live']])
  })

  test('refused leaves no second entry', () => {
    const net = mended({ again: 'refused' })
    net.call('t1', 'dev0', bind())
    expect(net.call('t1', 'dev0', bind())).toEqual({ ret: '-EEXIST' })
    expect([entriesOf(net), allocatedOf(net)]).toEqual([['1 mm0'], 1])
  })
})

describe.each([
  ['as posted', rfc29],
  ['mended', mended],
] as const)('UNBIND %s', (_, made) => {
  test('of a user who has nothing bound and names nothing is no call', () => {
    const net = made()
    expect(net.call('t1', 'dev0', unbind())).toEqual({ ret: 'nothing bound' })
    expect(net.said).toEqual(['t1/dev0 CALL UNBIND', 'vmm0 CURRENT', 't1/dev0 ANSWER'])
    expect(net.busy('t1')).toEqual([])
  })

  test.each([
    ['an argument that cannot be read', { fault: 'in', argsz: 4 }, '-EFAULT'],
    ['an argument that is too small', { argsz: 11, flags: 4 }, '-EINVAL'],
    ['a flag that nobody knows', { flags: 4 | clean }, '-EINVAL'],
  ] as const)('with %s changes nothing', (_, more, ret) => {
    const net = made()
    net.call('t1', 'dev0', bind())
    expect(net.call('t1', 'dev0', unbind('vmm0', more))).toEqual({ ret })
    expect([entriesOf(net), bondsOf(net), net.context('dev0.file').entered]).toEqual([
      ['1 mm0'],
      ['dev0 1 mm0 1 live'],
      0,
    ])
  })

  test('without a descriptor: -EBADF', () => {
    const net = made()
    net.call('t1', 'dev0.close', { process: 'vmm0' })
    expect(net.call('t1', 'dev0', unbind('vmm0', { pasid: 1 }))).toEqual({ ret: '-EBADF' })
  })
})

describe('UNBIND', () => {
  test('mended: undoes a BIND, whose PASID the user forgets', () => {
    const net = mended()
    net.call('t1', 'dev0', bind())
    expect(net.call('t1', 'dev0', unbind('vmm0', { flags: clean }))).toEqual({ ret: 0 })
    expect([allocatedOf(net), bondsOf(net), knows(net, 'vmm0'), unboundOf(net)]).toEqual([0, [], {}, ['dev0 mm0#1']])
    expect([net.state('dev0.tasks_lock'), net.context('dev0.file').entered, net.busy('t1')]).toEqual(['free', 0, []])
    expect(wrong(net)).toEqual([])
  })

  test('as posted: goes on from the entry it has just freed', () => {
    const net = rfc29()
    net.call('t1', 'dev0', bind())
    expect(net.call('t1', 'dev0', unbind('vmm0', { flags: clean }))).toBeNull()
    expect(wrong(net)).toEqual(['! use of vfio_task0#1, which is freed, in vfio_svm_ioctl'])
  })

  test('as posted: of a PASID that is not there returns whatever was on the stack', () => {
    const net = rfc29()
    net.call('t1', 'dev0', bind())
    expect(net.call('t1', 'dev0', unbind('vmm0', { pasid: 2 }))).toEqual({ ret: 'uninitialised' })
    expect(wrong(net)).toEqual(['! wrong-result uninit-value returned by vfio_svm_ioctl'])
    expect([entriesOf(net), net.state('dev0.tasks_lock'), net.busy('t1')]).toEqual([['1 mm0'], 'free', []])
  })

  test('mended: of a PASID that is not there: -ESRCH', () => {
    const net = mended()
    net.call('t1', 'dev0', bind())
    expect(net.call('t1', 'dev0', unbind('vmm0', { pasid: 2 }))).toEqual({ ret: '-ESRCH' })
    expect([wrong(net), entriesOf(net), knows(net, 'vmm0')]).toEqual([[], ['1 mm0'], { dev0: 1 }])
  })

  test.each([
    ['nothing', 0, 'leaked'],
    ['clean', clean, 'free'],
    ['flushed', flushed, 'waiting for stop marker'],
    ['both', flushed | clean, 'waiting for stop marker'],
  ])('a user who is believed says %s', (_, flags, state) => {
    const net = rfc29({ walk: 'safe' })
    net.call('t1', 'dev0', bind())
    expect(net.call('t1', 'dev0', unbind('vmm0', { flags }))).toEqual({ ret: 0 })
    expect(net.state('pasid1')).toBe(state)
  })

  test('with the safe walk: every entry of the PASID, and the second bond is none', () => {
    const net = rfc29({ walk: 'safe' })
    net.call('t1', 'dev0', bind())
    net.call('t1', 'dev0', bind('vmm1'))
    net.call('t1', 'dev0', bind())
    expect(entriesOf(net)).toEqual(['1 mm0', '2 mm1', '1 mm0'])
    expect(net.call('t1', 'dev0', unbind('vmm0', { flags: clean }))).toEqual({ ret: '-ESRCH' })
    expect(entriesOf(net)).toEqual(['2 mm1'])
    expect(order(net, '~ kmsg <4>failed to unbind PASID 1')).toHaveLength(1)
    expect([knows(net, 'vmm0'), net.busy('t1')]).toEqual([{}, []])
  })

  test('with the plain walk, but counted: it stops at the first, and reads nothing that was freed', () => {
    const net = mended({ walk: 'plain' })
    net.call('t1', 'dev0', bind())
    expect([net.call('t1', 'dev0', unbind()), wrong(net)]).toEqual([{ ret: 0 }, []])
  })

  test('counted: one UNBIND undoes one BIND, and only the last is the end', () => {
    const net = mended()
    net.call('t1', 'dev0', bind())
    net.call('t1', 'dev0', bind())
    expect(net.call('t1', 'dev0', unbind())).toEqual({ ret: 0 })
    expect([entriesOf(net), bondsOf(net), knows(net, 'vmm0'), unboundOf(net)]).toEqual([
      ['1 mm0'],
      ['dev0 1 mm0 1 live'],
      { dev0: 1 },
      [],
    ])
    expect(net.call('t1', 'dev0', unbind())).toEqual({ ret: 0 })
    expect([entriesOf(net), bondsOf(net), knows(net, 'vmm0'), unboundOf(net)]).toEqual([[], [], {}, ['dev0 mm0#1']])
  })

  test('that fails: dropped, so that nobody can unbind it any more', () => {
    const net = rfc29({ walk: 'safe' }, { failures: 1 })
    net.call('t1', 'dev0', bind())
    expect(net.call('t1', 'dev0', unbind('vmm0', { flags: clean }))).toEqual({ ret: '-ETIMEDOUT' })
    expect([allocatedOf(net), bondsOf(net), unboundOf(net)]).toEqual([0, ['dev0 1 mm0 1 live'], []])
    expect(net.said).toContain('~ kmsg <4>failed to unbind PASID 1')
    expect(knows(net, 'vmm0')).toEqual({ dev0: 1 })
  })

  test('that fails: kept, and the next one works', () => {
    const net = mended({}, { failures: 1 })
    net.call('t1', 'dev0', bind())
    expect(net.call('t1', 'dev0', unbind())).toEqual({ ret: '-ETIMEDOUT' })
    expect([entriesOf(net), bondsOf(net), knows(net, 'vmm0')]).toEqual([['1 mm0'], ['dev0 1 mm0 1 live'], { dev0: 1 }])
    expect(net.said).toContain('~ kmsg <4>failed to unbind PASID 1')
    expect(net.call('t1', 'dev0', unbind())).toEqual({ ret: 0 })
    expect([allocatedOf(net), bondsOf(net)]).toEqual([0, []])
  })

  test('of what is no more does not keep the entry', () => {
    const net = mended({ again: 'uncounted' })
    net.call('t1', 'dev0', bind())
    net.call('t1', 'dev0', bind())
    expect(net.call('t1', 'dev0', unbind())).toEqual({ ret: '-ESRCH' })
    expect([allocatedOf(net), bondsOf(net)]).toEqual([0, []])
  })

  test('of another’s PASID: whoever names it, or nobody but him', () => {
    const any = rfc29({ walk: 'safe' })
    any.call('t1', 'dev0', bind('vmm1'))
    expect(any.call('t1', 'dev0', unbind('vmm0', { pasid: 1, flags: clean }))).toEqual({ ret: 0 })
    expect([bondsOf(any), knows(any, 'vmm1')]).toEqual([[], { dev0: 1 }])

    const own = mended()
    own.call('t1', 'dev0', bind('vmm1'))
    expect(own.call('t1', 'dev0', unbind('vmm0', { pasid: 1, flags: clean }))).toEqual({ ret: '-ESRCH' })
    expect([entriesOf(own), bondsOf(own)]).toEqual([['1 mm1'], ['dev0 1 mm1 1 live']])
  })

  test('of a PASID whose process is over is anybody’s, who forgets nothing of his own', () => {
    const net = mended()
    net.call('t1', 'dev0', bind('vmm1'))
    net.call('t1', 'dev0', bind('vmm0'))
    exit(net, 'vmm1')
    expect(bondsOf(net)).toEqual(['dev0 1 mm1 1 dead', 'dev0 2 mm0 1 live'])
    expect(net.call('t1', 'dev0', unbind('vmm0', { pasid: 1 }))).toEqual({ ret: 0 })
    expect([entriesOf(net), bondsOf(net), knows(net, 'vmm0')]).toEqual([['2 mm0'], ['dev0 2 mm0 1 live'], { dev0: 2 }])
    expect(net.state('pasid1')).toBe('free')
  })

  test('as posted, of a PASID that was given to somebody else: unbinds the new owner', () => {
    const net = rfc29({ walk: 'safe', trusts: 'anybody' })
    net.call('t1', 'dev0', bind('vmm0'))
    exit(net, 'vmm0')
    expect(net.call('t1', 'dev1', bind('vmm1'))).toEqual({ ret: 0, pasid: 1 })
    net.call('t1', 'dev0', bind('vmm1'))
    expect(bondsOf(net)).toEqual(['dev0 1 mm1 1 live', 'dev1 1 mm1 1 live'])
    expect(net.call('t2', 'dev0', unbind('vmm0', { pasid: 1 }))).toEqual({ ret: '-ESRCH' })
    expect(bondsOf(net)).toEqual(['dev1 1 mm1 1 live'])
  })

  test('mended, after the process is over its PASID is nobody else’s', () => {
    const net = mended()
    net.call('t1', 'dev0', bind('vmm0'))
    exit(net, 'vmm0')
    expect(net.call('t1', 'dev0', bind('vmm1'))).toEqual({ ret: 0, pasid: 2 })
  })

  test('two at once: each entry is freed once', () => {
    const net = mended()
    net.call('t1', 'dev0', bind())
    net.start('t1', 'dev0', unbind())
    net.run('t1', 'dev0.stop CALL')
    expect(net.call('t2', 'dev0', unbind())).toBeNull()
    expect(net.run('t1')).toEqual({ ret: 0 })
    expect(net.run('t2')).toEqual({ ret: '-ESRCH' })
    expect(wrong(net)).toEqual([])
  })
})

describe('the last close', () => {
  const closeAll = (net: Net) => {
    for (const process of ['vmm0', 'vmm1']) net.call('t1', 'dev0.close', { process })
  }

  test('is the one that releases, once', () => {
    const net = mended()
    net.call('t1', 'dev0', bind())
    expect(net.call('t1', 'dev0.close', { process: 'vmm0' })).toEqual({ ret: 0 })
    expect(bondsOf(net)).toEqual(['dev0 1 mm0 1 live'])
    expect(net.call('t1', 'dev0.close', { process: 'vmm0' })).toEqual({ ret: '-EBADF' })
    expect(net.call('t1', 'dev0.close', { process: 'vmm1' })).toEqual({ ret: 0 })
    expect([bondsOf(net), allocatedOf(net), unboundOf(net)]).toEqual([[], 0, ['dev0 mm0#1']])
    expect([net.state('dev0.tasks_lock'), net.busy('t1')]).toEqual(['free', []])
  })

  test('with nothing bound does nothing', () => {
    const net = mended()
    closeAll(net)
    expect(order(net, 't1/dev0 CALL RELEASE', 't1/unbind CALL')).toEqual(['t1/dev0 CALL RELEASE'])
  })

  test.each([
    ['as posted: nobody knows how the device leaves', rfc29(), 'leaked'],
    ['mended: the device is asked', mended(), 'free'],
  ])('%s', (_, net, state) => {
    net.call('t1', 'dev0', bind())
    net.call('t1', 'dev0', bind('vmm1'))
    closeAll(net)
    expect([bondsOf(net), allocatedOf(net), wrong(net)]).toEqual([[], 0, []])
    expect([net.state('pasid1'), net.state('pasid2')]).toEqual([state, state])
  })

  test('mended: unbinds what is dead, however often it was bound', () => {
    const net = mended()
    net.call('t1', 'dev0', bind())
    net.call('t1', 'dev0', bind())
    exit(net, 'vmm0')
    closeAll(net)
    expect([bondsOf(net), allocatedOf(net), net.state('pasid1')]).toEqual([[], 0, 'free'])
    expect(net.context('mms').objects).toHaveLength(1)
  })

  test('mended: tries again until it works', () => {
    const net = mended({}, { failures: 2 })
    net.call('t1', 'dev0', bind())
    closeAll(net)
    expect([bondsOf(net), allocatedOf(net), unboundOf(net)]).toEqual([[], 0, ['dev0 mm0#1']])
    expect(order(net, 't1/unbind CALL')).toHaveLength(3)
  })

  test('as posted: what it could not unbind stays bound, and nobody knows', () => {
    const net = rfc29({}, { failures: 1 })
    net.call('t1', 'dev0', bind())
    closeAll(net)
    expect([bondsOf(net), allocatedOf(net), unboundOf(net)]).toEqual([['dev0 1 mm0 1 live'], 0, []])
  })

  test('as posted: what the IOMMU has dropped at exit has an entry still, which goes', () => {
    const net = rfc29()
    net.call('t1', 'dev0', bind())
    exit(net, 'vmm0')
    expect(bondsOf(net)).toEqual([])
    closeAll(net)
    expect([allocatedOf(net), wrong(net)]).toEqual([0, []])
  })

  test('of an ioctl that is under way leaves the release to it', () => {
    const net = mended()
    net.start('t2', 'dev0', bind())
    net.run('t2', 't2/bind CALL')
    closeAll(net)
    expect(order(net, 't1/dev0 CALL RELEASE')).toEqual([])
    expect(net.run('t2')).toEqual({ ret: 0, pasid: 1 })
    expect([bondsOf(net), allocatedOf(net), net.busy('t2')]).toEqual([[], 0, []])
    expect(net.call('t2', 'dev0', bind())).toEqual({ ret: '-EBADF' })
  })
})

test('an UNBIND that is not to look for bonds misses none', () => {
  const at = { file: 'file', processes: { vmm0: 'vmm0' }, lock: 'lock', list: 'list', tasks: 'tasks', mms: 'mms' }
  const input = { task: 't1', form: posted, device: 'dev0', at: { ...at, bind: 'bind', unbind: 'unbind' } }
  const answer = (fields: object) => ({ type: 'ANSWER', ...fields })
  const { said, atRest } = feed(
    protocol,
    input,
    ...[{ type: 'CALL', ...unbind('vmm0', { pasid: 1 }) }, answer({ mm: mm(0), pasid: null }), answer({ ret: 0 })],
    ...['LOCKED', answer({ ptr: null }), 'UNLOCKED', answer({ ret: 0, last: false })],
  )
  expect(said).toEqual([
    'vmm0 CURRENT device=dev0',
    'file ENTER process=vmm0',
    'lock LOCK',
    'list NEXT after=null',
    '! wrong-result uninit-value returned by vfio_svm_ioctl',
    'lock UNLOCK',
    'file LEAVE',
    't1 RETURN ret=uninitialised',
  ])
  expect(atRest).toBe(true)
})

describe('the file', () => {
  const enter = (process?: string) => ({ type: 'ENTER', ...(process && { process }) })
  const close = (process: string) => ({ type: 'CLOSE', process })

  test('is entered by who has a descriptor', () => {
    const { said } = feed(svmDeviceFile, { descriptors: ['vmm0'] }, enter('vmm0'), enter(), enter('vmm1'), 'LEAVE')
    expect(said).toEqual([
      't1 ANSWER ret=0',
      't1 ANSWER ret=0',
      't1 ANSWER ret=-EBADF last=false',
      't1 ANSWER ret=0 last=false',
    ])
  })

  test('is let go of once for the last time', () => {
    const input = { descriptors: ['vmm0', 'vmm1'] }
    const { said } = feed(
      svmDeviceFile,
      input,
      close('vmm0'),
      close('vmm0'),
      enter('vmm1'),
      close('vmm1'),
      enter(),
      'LEAVE',
    )
    expect(said).toEqual([
      't1 ANSWER ret=0 last=false',
      't1 ANSWER ret=-EBADF last=false',
      't1 ANSWER ret=0',
      't1 ANSWER ret=0 last=false',
      't1 ANSWER ret=-EBADF last=false',
      't1 ANSWER ret=0 last=true',
    ])
  })
})

test('the information on a device says whether it can share virtual memory', () => {
  const ask = (svm: boolean, argsz?: number) => feed(svmInfo, { task: 't1', svm }, { type: 'CALL', argsz }).said
  expect(ask(true)).toEqual(['t1 RETURN ret=0 flags=19'])
  expect(ask(false)).toEqual(['t1 RETURN ret=0 flags=3'])
  expect(ask(true, 15)).toEqual(['t1 RETURN ret=-EINVAL'])
})
