/** What a story is made of fits, or is refused with its place, what was expected and what was probably meant. */
import { describe, expect, test } from 'vitest'
import {
  bind,
  always,
  closeDevice,
  onDevices,
  onPasids,
  scenario,
  sometimes,
  toScenario,
  unmap,
  linux,
  type Protocol,
  type LinuxDescription,
} from '../../index.ts'
import { onLinux } from '../../scenarios/doors.ts'
import { refusalOf, saying, type Refusal } from '../shapes/refusals.ts'

const holds = () => true

const described = (unmapProtocol: Protocol): LinuxDescription => ({
  unmap: unmapProtocol,
  containers: { container0: { groups: { group26: { devices: {} } } } },
  tasks: { vmm0: [unmap(0, 0x1000)] },
})

type Row = readonly [what: string, more: object, fact: string, expected: string]
const rowsOf = (by: string, rows: readonly Row[]): readonly Refusal[] =>
  rows.map(([what, more, fact, expected]) => [what, more, `${by}${fact}`, expected])

describe('a story of VFIO', () => {
  const story = { name: 'a-story', describe: ({ unmap: protocol }: { unmap: Protocol }) => described(protocol) }
  const told = (more: object) => () => scenario({ ...story, ...more })

  test('needs no more than a name and what it describes', () => {
    const { name, family, choices, properties } = scenario(story)
    expect([name, family, choices.default]).toEqual(['a-story', 'own', { unmap: 'under-lock', tasks: 1 }])
    expect(properties(choices.default)).toEqual([])
  })

  const list = 'one of under-lock,'
  test.each(
    rowsOf('scenario(): ', [
      ['no name', { name: undefined }, 'name is missing.', 'a name'],
      ['a number for a name', { name: 5 }, 'name cannot be 5.', 'a name'],
      [
        'a misspelt field',
        { propertys: [] },
        'propertys is not known. Did you mean "properties"?',
        'name, windows, source',
      ],
      ['nothing described', { describe: undefined }, 'describe is missing.', 'a function of what was chosen'],
      ['a description for a function', { describe: described('gated') }, 'describe cannot be { unmap:', 'a function'],
      ['a protocol', { unmap: ['restart', 'nope'] }, 'unmap[1] cannot be "nope".', list],
      [
        'a protocol that was meant',
        { unmap: ['restrat'] },
        'unmap[0] cannot be "restrat". Did you mean "restart"?',
        list,
      ],
      ['no protocol', { unmap: [] }, 'unmap is empty.', 'a list of protocols'],
      ['one twice', { unmap: ['gated', 'gated'] }, 'unmap[1] is there twice: gated.', 'a list of protocols'],
      ['one for a list', { unmap: 'gated' }, 'unmap cannot be "gated".', 'a list of protocols'],
      [
        'another default',
        { unmap: ['gated', 'restart'], byDefault: 'device-list' },
        'byDefault cannot be "device-list".',
        'gated, restart',
      ],
      ['a number of tasks', { tasks: 2 }, 'tasks cannot be 2.', '{ least, most, byDefault }'],
      ['no number of tasks', { tasks: NaN }, 'tasks cannot be NaN.', '{ least, most, byDefault }'],
      [
        'more at least than at most',
        { tasks: { least: 3, most: 1 } },
        'tasks.most cannot be 1.',
        '3, which is the least, or more',
      ],
      ['no most', { tasks: { least: 3 } }, 'tasks.most is missing.', 'a whole number from 1 to 64'],
      [
        'a default beyond',
        { tasks: { least: 1, most: 2, byDefault: 3 } },
        'tasks.byDefault cannot be 3.',
        'from 1 to 2',
      ],
      ['600 tasks', { tasks: { least: 1, most: 600 } }, 'tasks.most cannot be 600.', 'a whole number from 1 to 64'],
      ['a number of properties', { properties: 42 }, 'properties cannot be 42.', 'a list of properties'],
      [
        'nothing for a property',
        { properties: [null] },
        'properties[0] cannot be null.',
        '{ kind, name, holds, when, step, finding }',
      ],
      [
        'an unknown kind',
        { properties: [{ kind: 'never', name: 'x', holds }] },
        'properties[0].kind cannot be "never".',
        'one of always,',
      ],
      [
        'two of one name',
        { properties: [always('x', holds), sometimes('x', holds)] },
        'properties[1].name is that of [0], too: "x".',
        'a name of its own',
      ],
      [
        'a number of states',
        { expected: [{ findings: [], states: '5' }] },
        'expected[0].states cannot be "5".',
        'a whole number',
      ],
      ['no findings', { expected: [{ states: 5 }] }, 'expected[0].findings is missing.', 'a list of titles'],
      [
        'a verdict',
        { expected: [{ findings: [], states: 5, verdicts: { x: 'violatd' } }] },
        'expected[0].verdicts.x cannot be "violatd". Did you mean "violated"?',
        'violated, unseen',
      ],
      [
        'what is expected of nothing',
        { expected: [{ findings: [], states: 5, unmpa: 'gated' }] },
        'expected[0].unmpa is not known. Did you mean "unmap"?',
        'unmap',
      ],
      [
        'what is expected of another',
        { unmap: ['gated'], expected: [{ findings: [], states: 5, unmap: 'restart' }] },
        'expected[0].unmap cannot be "restart".',
        'gated',
      ],
      [
        'a mutant, which would be passed over',
        { mutants: [{ name: 'x' }] },
        "mutants cannot be [ { name: 'x' } ].",
        'a mutant is a scenario of its own',
      ],
    ]),
  )('%s', (_, more, fact, expected) => {
    const said = refusalOf(told(more as object))
    expect(said.fact).toContain(fact)
    expect(said.rest).toContain(expected)
  })

  test('a story that is none', () => {
    expect(refusalOf(() => scenario(undefined as never)).fact).toBe('scenario() cannot be given undefined.')
    expect(refusalOf(() => scenario(described('gated') as never)).fact).toBe('scenario(): tasks.vmm0 is not known.')
  })

  test('what it describes is looked at when it is made, or chosen', () => {
    const misdescribed = () => ({ ...described('gated'), taskz: {} })
    const fact = 'describe(): taskz is not known. Did you mean "tasks"?'
    expect(refusalOf(told({ describe: misdescribed })).fact).toBe(fact)
    const { world, choices } = scenario({ ...story, describe: misdescribed, unmap: ['gated'] })
    expect(refusalOf(() => world(choices.default)).fact).toBe(fact)
    expect(refusalOf(told({ describe: () => undefined })).fact).toBe('describe() cannot be given undefined.')
  })

  test('what it describes is what was chosen', () => {
    const { world, choices } = scenario({ ...story, describe: () => described('restart'), unmap: ['restart', 'gated'] })
    expect(() => world({ ...choices.default })).not.toThrow()
    expect(refusalOf(() => world({ ...choices.default, unmap: 'gated' }))).toEqual(
      saying('describe(): unmap cannot be "restart": it was asked for gated.', 'Hand on what was chosen'),
    )
  })

  test('properties that depend on what was chosen are looked at then', () => {
    const of = (properties: unknown) => {
      const { properties: asked, choices } = scenario({ ...story, properties: () => properties as [] })
      return () => asked(choices.default)
    }
    expect(of([always('x', holds)])).not.toThrow()
    expect(refusalOf(of(undefined)).fact).toBe('The scenario a-story: properties is missing.')
    expect(refusalOf(of([always('', holds)])).fact).toBe('The scenario a-story: properties[0].name cannot be "".')
  })
})

describe('a story of any world', () => {
  const story = { name: 'any', world: () => linux(described('gated')) }
  const as = { values: ['posted', 'repaired'] }
  test.each(
    rowsOf('toScenario(): ', [
      ['no world', { world: undefined }, 'world is missing.', 'a function of what was chosen that answers a world'],
      [
        'a misspelt field',
        { option: {} },
        'option is not known. Did you mean "options"?',
        'mutantOf, inTable, inversions, order, options',
      ],
      [
        'an option that is none',
        { options: { unmap: 5 } },
        'options.unmap cannot be 5.',
        '{ values, byDefault, otherwise, only }',
      ],
      ['options in a list', { options: [as] }, 'options cannot be [', 'choices by name: unmap, profile,'],
      ['an option without values', { options: { as: {} } }, 'options.as.values is missing.', 'a list of words'],
      [
        'an option’s field',
        { options: { as: { ...as, bydefault: 'posted' } } },
        'options.as.bydefault is not known. Did you mean "byDefault"?',
        'values, byDefault',
      ],
      [
        'a form that nobody knows',
        { options: { as: { values: ['postd'] } } },
        'options.as.values[0] cannot be "postd". Did you mean "posted"?',
        'one of posted, repaired',
      ],
      [
        'a kernel',
        { options: { profile: { values: ['6.0'] } } },
        'options.profile.values[0] cannot be "6.0". Did you mean "6.1"?',
        'one of 4.10,',
      ],
      [
        'a value twice',
        { options: { protocol: { values: ['x', 'x'] } } },
        'options.protocol.values[1] is there twice: x.',
        '',
      ],
      [
        'a default that is none',
        { options: { as: { ...as, byDefault: 'repiared' } } },
        'options.as.byDefault cannot be "repiared". Did you mean "repaired"?',
        'one of its values: posted, repaired',
      ],
      [
        'two defaults',
        { options: { as: { ...as, byDefault: 'posted', otherwise: 'as it is' } } },
        'options.as.otherwise cannot be "as it is": there is a default already.',
        '',
      ],
      [
        'only with nobody',
        { options: { as: { ...as, only: { protocl: ['x'] } }, protocol: { values: ['x'] } } },
        'options.as.only.protocl is no other choice. Did you mean "protocol"?',
        'protocol',
      ],
      [
        'only with what there is not',
        { options: { as: { ...as, only: { protocol: ['y'] } }, protocol: { values: ['x'] } } },
        'options.as.only.protocol[0] cannot be "y".',
        'one of the values of protocol: x',
      ],
      [
        'two that depend on each other',
        {
          options: { as: { ...as, only: { protocol: ['x'] } }, protocol: { values: ['x'], only: { as: ['posted'] } } },
        },
        'options.as.only.protocol goes round.',
        'does not depend on as',
      ],
      ['a part in no table', { inTable: false }, 'inTable cannot be false.', 'true, or a list of kinds of findings'],
      ['a number for the windows', { windows: 'V13-1' }, 'windows cannot be "V13-1".', 'a list of windows'],
    ]),
  )('%s', (_, more, fact, expected) => {
    const said = refusalOf(() => toScenario({ ...story, ...(more as object) }))
    expect(said.fact).toContain(fact)
    expect(said.rest).toContain(expected)
  })

  test('a world that is none', () => {
    const { system, choices } = toScenario({ name: 'none', world: () => undefined as never })
    expect(refusalOf(() => system(choices.default)).fact).toBe('The world cannot be undefined.')
  })
})

describe('a story about device memory', () => {
  const story = {
    ...{ name: 'a-story', source: '', why: '', byDefault: 'none' as const },
    devices: { dev1: { container: 'container0' } },
    tasks: { vmm0: [closeDevice('dev1')] },
    properties: [always('x', holds)],
    expected: [],
  }
  test.each(
    rowsOf('onDevices(): ', [
      [
        'a misspelt field',
        { propertys: [] },
        'propertys is not known. Did you mean "properties"?',
        'devices, before, tasks',
      ],
      [
        'its protocol',
        { byDefault: 'dma-bug' },
        'byDefault cannot be "dma-bug". Did you mean "dma-buf"?',
        'one of none,',
      ],
      [
        'a trait',
        { but: { zap: 'by-lsit' } },
        'but.zap cannot be "by-lsit". Did you mean "by-list"?',
        'one of never, by-list, by-inode',
      ],
      [
        'a device’s field',
        { devices: { dev1: { contaner: 'c' } } },
        'devices.dev1.contaner is not known. Did you mean "container"?',
        '',
      ],
      [
        'a call',
        { tasks: { vmm0: [{ do: 'closedevice' }] } },
        'tasks.vmm0[0].do cannot be "closedevice". Did you mean "closeDevice"?',
        '',
      ],
      ['no source', { source: undefined }, 'source is missing.', 'text'],
      [
        'a mutant’s field',
        { mutants: [{ name: 'm', why: '', expected: [], task: {} }] },
        'mutants[0].task is not known. Did you mean "tasks"?',
        '',
      ],
      [
        'a mutant’s trait',
        { mutants: [{ name: 'm', why: '', expected: [], without: ['covrs'] }] },
        'mutants[0].without[0] cannot be "covrs". Did you mean "covers"?',
        '',
      ],
      [
        'an expectation',
        { expected: [{ protocol: 'nun', findings: [], states: 1 }] },
        'expected[0].protocol cannot be "nun". Did you mean "none"?',
        'one of none,',
      ],
    ]),
  )('%s', (_, more, fact, expected) => {
    expect(refusalOf(() => onDevices({ ...story, ...(more as object) }))).toEqual(saying(fact, expected))
  })
})

describe('a story about shared virtual memory', () => {
  const story = {
    ...{ name: 'a-story', source: '', why: '', byDefault: 'rfc29' as const },
    tasks: { vmm0: [bind('dev0')] },
    properties: [always('x', holds)],
    expected: [],
  }
  test.each(
    rowsOf('onPasids(): ', [
      ['a misspelt field', { user: ['lies'] }, 'user is not known. Did you mean "users"?', 'protocols, byDefault'],
      [
        'what a trait says',
        { but: { walk: 'saef' } },
        'but.walk cannot be "saef". Did you mean "safe"?',
        'one of plain, safe',
      ],
      [
        'a user',
        { users: ['leis'] },
        'users[0] cannot be "leis". Did you mean "lies"?',
        'one of unbinds, forgets, lies',
      ],
      ['too many PASIDs', { pasids: 4 }, 'pasids cannot be 4.', 'one of 1, 2, 3'],
      ['what its device answers', { answer: 'cleen' }, 'answer cannot be "cleen". Did you mean "clean"?', ''],
      [
        'a task',
        { tasks: { vmm0: 'bind' } },
        'tasks.vmm0 cannot be "bind".',
        'a list of calls, or { process, script }',
      ],
      [
        'a mutant’s trait',
        { mutants: [{ name: 'm', why: '', expected: [], but: { wlak: 'safe' } }] },
        'mutants[0].but.wlak is not known. Did you mean "walk"?',
        '',
      ],
    ]),
  )('%s', (_, more, fact, expected) => {
    expect(refusalOf(() => onPasids({ ...story, ...(more as object) }))).toEqual(saying(fact, expected))
  })
})

describe('a story of system calls', () => {
  const story = {
    ...{ name: 'a-story', profiles: ['6.1'] as const },
    before: [
      { op: 'open_container', as: 'c0' },
      { op: 'thread', as: 't1' },
    ],
    tasks: { p0: [{ op: 'close', fd: 'c0' }], t1: [{ op: 'get_api_version', fd: 'c0' }] },
    properties: [always('x', holds)],
  }

  test('names memory by whatever maps it', () => {
    const memory = [
      { op: 'memfd', as: 'f0', len: 0x2000 },
      { op: 'mmap_fd', as: 'b0', fd: 'f0', len: 0x1000 },
      { op: 'mremap', vaddr: 'b0', old: 0x1000, len: 0x2000, as: 'b1' },
    ]
    const [told] = onLinux({ ...story, before: [...story.before, ...memory], after: [{ op: 'peek', vaddr: 'b1+8' }] })
    expect(() => told!.world(told!.choices.default)).not.toThrow()
  })

  test('is told', () => {
    const [told] = onLinux(story)
    expect(() => told!.world(told!.choices.default)).not.toThrow()
  })

  test.each(
    rowsOf('onLinux(): ', [
      ['a misspelt field', { taks: {} }, 'taks is not known. Did you mean "tasks"?', 'before, tasks, after'],
      ['a kernel', { profiles: ['6.2'] }, 'profiles[0] cannot be "6.2". Did you mean "6.1"?', 'one of 4.10,'],
      ['no kernel', { profiles: [] }, 'profiles is empty.', 'a list of kernels'],
      [
        'an operation',
        { before: [{ op: 'open_contaner', as: 'c0' }] },
        'before[0].op cannot be "open_contaner". Did you mean "open_container"?',
        '',
      ],
      [
        'an operation’s field',
        { before: [{ op: 'open_container', as: 'c0', sa: 'x' }] },
        'before[0].sa is not known.',
        'op, as, proc',
      ],
      ['an operation without a name', { before: [{ as: 'c0' }] }, 'before[0].op is missing.', 'one of open_container,'],
      [
        'what has to be given',
        { before: [{ op: 'open_container' }] },
        'before[0].as is missing.',
        'a name for what is made',
      ],
      [
        'a number that is none',
        { after: [{ op: 'set_iommu', fd: 'c0', type: 'x' }] },
        'after[0].type cannot be "x".',
        'a 64-bit number',
      ],
      [
        'an address below nothing',
        { after: [{ op: 'unmap_dma', fd: 'c0', iova: '-4096', size: 4096 }] },
        'after[0].iova cannot be "-4096".',
        'a 64-bit number that is not negative',
      ],
      [
        'a device',
        { before: [...story.before, { op: 'open_group', dev: 'edu9', as: 'g0' }] },
        'before[2].dev cannot be "edu9". Did you mean "edu0"?',
        'one of edu0,',
      ],
      [
        'a descriptor that nobody makes',
        { after: [{ op: 'close', fd: 'c9' }] },
        'after[0].fd cannot be "c9". Did you mean "c0"?',
        'what some operation makes: devnull, c0',
      ],
      [
        'a buffer that nobody makes',
        { after: [{ op: 'peek', vaddr: 'b0+8' }] },
        'after[0].vaddr cannot be "b0+8".',
        'none does',
      ],
      [
        'a mapping whose place is known on the way only',
        { tasks: { p0: [{ op: 'mremap', vaddr: 0x10000, old: 4096, len: 8192, as: 'b1' }] } },
        'tasks.p0[0].as cannot be "b1": where it is afterwards would depend on the way.',
        'no name, or a mapping that moves for certain',
      ],
      [
        'a process that nobody makes',
        { after: [{ op: 'nop', proc: 't2' }] },
        'after[0].proc cannot be "t2". Did you mean "t1"?',
        'p0, t1',
      ],
      [
        'a thread that is nobody',
        { tasks: { t2: [{ op: 'nop' }] } },
        'tasks.t2 is nobody by then. Did you mean "t1"?',
        'p0, t1',
      ],
      ['no thread', { tasks: {} }, 'tasks cannot be {}.', 'at least one task'],
      [
        'a trait',
        { but: { owners: 'process' } },
        'but.owners is not known. Did you mean "owner"?',
        'owner, name, groups',
      ],
      ['what a trait says', { but: { groups: 'lcoked' } }, 'but.groups cannot be "lcoked". Did you mean "locked"?', ''],
      [
        'a mutant’s operation',
        { mutants: [{ name: 'm', why: '', expected: [], after: [{ op: 'nope' }] }] },
        'mutants[0].after[0].op cannot be "nope". Did you mean "nop"?',
        '',
      ],
      [
        'a mutant’s name for nobody',
        { mutants: [{ name: 'm', why: '', expected: [], after: [{ op: 'close', fd: 'c9' }] }] },
        'mutants[0].after[0].fd cannot be "c9". Did you mean "c0"?',
        '',
      ],
    ]),
  )('%s', (_, more, fact, expected) => {
    expect(refusalOf(() => onLinux({ ...story, ...(more as object) }))).toEqual(saying(fact, expected))
  })
})
