import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../explore/index.ts'
import type { Component, System } from '../../explore/system.ts'
import { always } from '../../explore/claims/properties.ts'
import { closed } from '../toys/closed.ts'
import { component, from } from '../toys/component.ts'
import { ignores, notDeterministic, sendsToNobody } from '../toys/faulty.ts'
import { thread } from '../toys/thread.ts'

describe('a message that is neither handled nor deferred', () => {
  test('is shown with its receiver, the state it was in, and the type', async () => {
    const report = await explore(ignores(), [])
    expect(report.ignored).toEqual([{ component: 'deaf', state: 'deaf', type: 'GO' }])
    expect(report.findings).toEqual([])
  })

  test('is a finding when asked for', async () => {
    const report = await explore(ignores(), [], { ignored: 'fail' })
    expect(report.findings).toHaveLength(1)
    const [finding] = report.findings
    expect(`${finding!.title} ${finding!.detail ?? ''}`).toMatch(/deaf/)
    expect(`${finding!.title} ${finding!.detail ?? ''}`).toMatch(/GO/)
    expect(replay(ignores(), finding!.schedule).steps.at(-1)!.ignored).toBe(true)
  })
})

describe('a component that is not deterministic', () => {
  test.each([true, false])(
    'is an error that names it, the message and what differs (reduction: %s)',
    async (reduction) => {
      const report = explore(notDeterministic(), [], { reduction })
      await expect(report).rejects.toThrow(/not deterministic/)
      await expect(report).rejects.toThrow(/moody/)
      await expect(report).rejects.toThrow(/GO/)
      await expect(report).rejects.toThrow(/inner\.count/)
    },
  )

  test('is an error when replayed, too', () => {
    expect(() => replay(notDeterministic(), [0])).toThrow(/moody/)
  })

  test('is an error when sampled, too', async () => {
    const search = { random: { seed: 1, runs: 1 } }
    await expect(explore(notDeterministic(), [], { search })).rejects.toThrow(/moody/)
  })
})

test('a message to nobody is an error that names the sender, the type and the name that is not there', async () => {
  const report = explore(sendsToNobody(), [])
  await expect(report).rejects.toThrow(/lonely/)
  await expect(report).rejects.toThrow(/HELLO/)
  await expect(report).rejects.toThrow(/nobody/)
})

test.each(['../../x', '', 'a b', 'a:0'])(
  'a fingerprint that cannot stand in an address is an error: %j',
  async (fingerprint) => {
    await expect(explore({ ...ignores(), fingerprint })).rejects.toThrow(
      /fingerprint cannot be .*letters and digits, which stand in addresses/s,
    )
  },
)

test('two components of one name are an error', async () => {
  const system = ignores()
  const twice = { ...system, components: [...system.components, ...system.components] }
  await expect(explore(twice, [])).rejects.toThrow(/deaf/)
})

interface Count {
  readonly state: string
  readonly count: number
}

/** Counts to four, and says each time whether it has come to three. */
const counter = (says: (count: number) => string): Component<Count> =>
  component<Count>({
    id: 'counter',
    initial: { state: 'counting', count: 0 },
    on: {
      ADD: ({ state, count }, { from: to, task }) => ({
        local: { state, count: count + 1 },
        sends: [{ to, type: says(count), task }],
      }),
    },
  })

const counting = (counted: Partial<Component>, says: (count: number) => string = () => 'ADDED'): System<any> => ({
  ...closed('counting', 'w1', [
    thread(
      't0',
      ['ADD', 'ADD', 'ADD', 'ADD'].map((type) => ({ to: 'counter', type })),
    ),
    { ...counter(says), ...counted },
  ]),
  view: (read: (id: string) => unknown) => read('counter'),
})

const constant = { show: () => ({ state: 'counting', data: {} }), key: () => 'same' }

describe.each([true, false])('a key that takes for one what can be told apart (reduction: %s)', (reduction) => {
  test.each<[string, Partial<Component>, (count: number) => string, RegExp]>([
    ['by what it shows', { key: () => 'same' }, () => 'ADDED', /shows data.count +0 ≠ 1/],
    ['by what it answers, a few steps on', constant, (count) => (count < 2 ? 'ADDED' : 'FULL'), /ADDED.* ≠ .*FULL/],
    [
      'by whom it makes wait',
      { ...constant, waits: ({ count }: Count) => count === 2 },
      () => 'ADDED',
      /claims waits +false ≠ true/,
    ],
    ['by what it defers', { ...constant, accepts: ({ count }: Count) => count < 2 }, () => 'ADDED', /deferred/],
  ])('is an error that names the component: %s', async (_, counted, says, difference) => {
    const report = explore(counting(counted, says), [], { reduction })
    await expect(report).rejects.toThrow(/key of counter/)
    await expect(report).rejects.toThrow(difference)
  })

  test('is an error also if only a property can tell', async () => {
    const few = always<Count>('never three', ({ count }) => count < 3)
    await expect(explore(counting({}), [few], { reduction })).resolves.toMatchObject({
      properties: [{ verdict: 'violated' }],
    })
    await expect(explore(counting(constant), [few], { reduction })).rejects.toThrow(/"never three" answers differently/)
  })

  test('is none where nothing can: a count that nobody looks at', async () => {
    const unread = { ...counting(constant), view: () => null }
    await expect(explore(unread, [], { reduction })).resolves.toMatchObject({ exhaustive: true })
  })
})

describe('the order of fields', () => {
  const named = (fields: Record<string, unknown>): string => Object.keys(fields).join()

  test('of a message: a component that answers by it is an error', async () => {
    const reader = component<null>({
      id: 'reader',
      initial: null,
      on: { GO: (_, message) => ({ findings: [{ kind: 'warn', title: named(message), fatal: false }] }) },
    })
    const system = {
      ...closed('order', 'o1', [reader]),
      start: [from('env')({ to: 'reader', type: 'GO', a: 1, b: 2 })],
    }
    await expect(explore(system)).rejects.toThrow(/reader answers differently when the fields/)
    await expect(explore(system)).rejects.toThrow(/env → reader GO/)
  })

  test('of a local state: likewise', async () => {
    const reader = component<Record<string, number>>({
      id: 'reader',
      initial: { a: 1, b: 2 },
      on: { GO: (local) => ({ findings: [{ kind: 'warn', title: named(local), fatal: false }] }) },
    })
    const system = { ...closed('order', 'o1', [reader]), start: [from('env')({ to: 'reader', type: 'GO' })] }
    await expect(explore(system)).rejects.toThrow(/reader answers differently when the fields/)
  })

  test('of two local states that are one to the checker: likewise, though one of them is never asked in the search', async () => {
    // No plain data, so that it cannot be turned round: only a second way there shows it.
    const boxed = (...names: readonly string[]) => new Box(Object.fromEntries(names.map((name) => [name, 1])))
    const reader: Component<Box> = {
      ...component<any>({ id: 'reader', initial: boxed(), on: {} }),
      accepts: () => true,
      receive: ({ fields }, { type }) => ({
        local: type === 'GO' ? boxed(...Object.keys(fields)) : boxed(...Object.keys(fields), type),
        sends: [],
        findings: type === 'GO' ? [{ kind: 'warn', title: named(fields), fatal: false }] : [],
        notes: [],
        ignored: false,
      }),
      key: ({ fields }) => Object.keys(fields).toSorted().join(),
      show: ({ fields }) => ({ state: 'open', data: fields }),
    }
    const send = (sender: string, type: string) => from(sender)({ to: 'reader', type })
    const system = { ...closed('order', 'o1', [reader]), start: [send('x', 'A'), send('y', 'B'), send('z', 'GO')] }
    await expect(explore(system)).rejects.toThrow(/reader answers differently when the fields/)
  })

  test('means nothing to one that compares with the very object it was given', async () => {
    const idle = { state: 'idle', since: 0 }
    const watcher = component<object>({
      id: 'watcher',
      initial: idle,
      on: { GO: (local) => ({ findings: local === idle ? [] : [{ kind: 'warn', title: 'another', fatal: false }] }) },
    })
    const system = { ...closed('order', 'o1', [watcher]), start: [from('env')({ to: 'watcher', type: 'GO' })] }
    await expect(explore(system)).resolves.toMatchObject({ findings: [] })
  })
})

class Box {
  readonly fields: Readonly<Record<string, number>>
  constructor(fields: Readonly<Record<string, number>>) {
    this.fields = fields
  }
}

describe('a component that does not answer as one must is named, with what it answered', () => {
  const said = (answer: object) => ({ receive: () => answer }) as unknown as Partial<Component>
  const sends = (message: object) =>
    said({
      ...{ local: { state: 'counting', count: 1 }, findings: [], notes: [], ignored: false },
      sends: [{ to: 't0', message: { type: 'ADDED', ...message } }],
    })
  const sent = (field: unknown) => sends({ from: 'counter', field })
  const sentBy = (from: string) => sends({ from })
  const cycle: Record<string, unknown> = {}
  cycle['again'] = cycle
  test.each<[string, Partial<Component>, RegExp]>([
    ['nothing', { receive: () => undefined as never }, /counter does not answer[^]*receive\(ADD\)[^]*undefined/],
    ['a promise', { receive: async () => ({}) } as never, /counter does not answer[^]*Promise/],
    ['sends that are no list', said({ local: {}, sends: {}, findings: [], notes: [] }), /counter does not answer/],
    ['neither yes nor no', { accepts: () => 1 as never }, /counter does not answer[^]*accepts\(ADD\)[^]*true or false/],
    ['a key that is no text', { key: () => 7 as never }, /counter does not answer[^]*key[^]*7/],
    // Deliveries to different receivers commute because each speaks for itself alone.
    ['a message in the name of another', sentBy('office'), /counter does not answer[^]*from cannot be "office"/],
    ['a function', sent(() => 1), /counter .*cannot be compared[^]*a function has no canonical form/],
    ['a set', sent(new Set()), /counter .*cannot be compared[^]*Set/],
    ['a record in itself', sent(cycle), /counter .*cannot be compared[^]*nested/],
  ])('%s', async (_, counted, message) => {
    const report = explore(counting(counted), [])
    await expect(report).rejects.toThrow(message)
    await expect(report).rejects.toMatchObject({ name: 'ModelError' })
  })
})

test('more pairs of actors than can be searched are an error that says so', async () => {
  const many = Array.from({ length: 1100 }, (_, number) => thread(`t${number}`, []))
  await expect(explore(closed('many', 'm1', many))).rejects.toMatchObject({ name: 'ModelError', problem: 'too-large' })
})
