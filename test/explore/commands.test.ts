import { describe, expect, test } from 'vitest'
import { fromCommands, type CommandTable } from '../../explore/commands/commands.ts'
import { explore, replay } from '../../explore/index.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { tableOfChannels, tableOfCounter, tableOfCounterProperties } from '../toys/tables.ts'

/** A table of one process of one command. */
const table = (command: object, start: object = { x: 0 }): CommandTable<any> => ({
  name: 'table',
  components: { it: { start, processes: { p: { go: command as any } } } },
})

describe('a table of guarded commands', () => {
  test('has a state for each value of its variables, and a step for each command that is possible there', async () => {
    const counter = fromCommands({
      name: 'to three',
      components: {
        it: {
          start: { x: 0 },
          processes: {
            up: { one: { when: ({ x }) => x < 3, do: ({ x }) => ({ x: x + 1 }) } },
            idle: { stay: { do: () => ({}) } },
          },
        },
      },
    })
    expect(await explore(counter)).toMatchObject({ states: 4, steps: 7, exhaustive: true, findings: [] })
  })

  test('tells runs by process, command and component', async () => {
    const { properties } = await explore(tableOfCounter(), tableOfCounterProperties)
    const { steps, end } = replay(tableOfCounter(), properties[0]!.schedule!)
    expect(steps.map(({ from, to, message }) => `${from} → ${to} ${message.type}`).toSorted()).toEqual([
      'a → shared read',
      'a → shared write',
      'b → shared read',
      'b → shared write',
    ])
    expect(end).toBe('finished')
  })

  test('can be run by the names of its steps', () => {
    const { steps } = replay(tableOfCounter(), ['a → shared read', 'a → shared write'])
    expect(steps.map(({ after }) => after.data['count'])).toEqual([0, 1])
  })

  test('hangs where nothing is possible and no end is allowed', async () => {
    const stops = (mayEnd?: boolean) =>
      fromCommands({
        name: 'stops',
        components: {
          it: {
            start: { x: 0 },
            processes: { p: { go: { when: ({ x }: { readonly x: number }) => x === 0, do: () => ({ x: 1 }) } } },
            ...(mayEnd !== undefined && { mayEnd }),
          },
        },
      })
    expect((await explore(stops())).findings.map(({ title, depth }) => [title, depth])).toEqual([
      ['deadlock: nothing is in flight', 1],
    ])
    expect((await explore(stops(true))).findings).toEqual([])
  })

  test('begins anywhere in a list, after one step that chooses', async () => {
    const any = fromCommands({
      name: 'any',
      components: {
        it: {
          start: [{ x: 0 }, { x: 1 }, { x: 2 }],
          processes: { p: { next: { do: ({ x }: { readonly x: number }) => ({ x: (x + 1) % 3 }) } } },
        },
      },
    })
    expect(await explore(any, [], { reduction: false })).toMatchObject({
      states: 1 + 3,
      steps: 3 + 3,
      frontier: [1, 3],
    })
  })

  test('shows properties the first of its starts before it begins', async () => {
    const any = fromCommands(table({ do: () => ({}) }, [{ x: 5 }, { x: 6 }]))
    const { properties } = await explore(any, [sometimes('x is 5', ({ it: { x } }) => x === 5)])
    expect(properties[0]).toMatchObject({ verdict: 'seen', depth: 0 })
  })

  test('has components of its own for what is not shared, which reduction may take apart', async () => {
    const [whole, reduced] = await Promise.all(
      [false, true].map((reduction) => explore(tableOfChannels(), [], { reduction })),
    )
    expect(reduced!.findings).toEqual(whole!.findings)
    expect(reduced!.states).toBeLessThanOrEqual(whole!.states)
  })

  test('lets a message wait until its guard is true, and ignores what it knows nothing of', async () => {
    const system = fromCommands({
      name: 'sends',
      components: {
        from: {
          start: { left: 2 },
          processes: {
            p: {
              send: {
                when: ({ left }: { readonly left: number }) => left > 0,
                do: ({ left }: { readonly left: number }) => ({ left: left - 1 }),
                sends: ({ left }: { readonly left: number }) => [{ to: 'to', type: left > 1 ? 'KNOWN' : 'STRANGE' }],
              },
            },
          },
          mayEnd: true,
        },
        to: {
          start: { open: false },
          processes: {
            q: { open: { when: ({ open }: { readonly open: boolean }) => !open, do: () => ({ open: true }) } },
          },
          receives: { KNOWN: { when: ({ open }: { readonly open: boolean }) => open, do: () => ({}) } },
          mayEnd: true,
        },
      },
    })
    const { ignored, exhaustive } = await explore(system)
    expect(exhaustive).toBe(true)
    expect(ignored).toEqual([{ component: 'to', state: 'running', type: 'STRANGE' }])
  })

  test('takes turns by process when it is sampled: of two that never end, both get on', async () => {
    const forever = { go: { do: ({ x }: { readonly x: number }) => ({ x: (x + 1) % 7 }) } }
    const two = fromCommands({
      name: 'two',
      components: { it: { start: { x: 0 }, processes: { a: forever, b: forever } } },
    })
    const search = { pct: { seed: 1, runs: 20, preemptions: 0 } } as const
    const first = new Set<number>()
    for (let seed = 1; seed <= 20; seed++) {
      const { properties } = await explore(two, [sometimes('moved', ({ it: { x } }) => x === 1)], {
        search: { pct: { ...search.pct, seed, runs: 1 } },
        within: { depth: 3 },
      })
      first.add(properties[0]!.schedule![0]!)
    }
    expect([...first].toSorted()).toEqual([0, 1])
  })

  test('has another fingerprint when a name or a start is another', () => {
    const prints = [
      table({ do: () => ({}) }),
      table({ do: () => ({}) }, { x: 1 }),
      { ...table({ do: () => ({}) }), name: 'other' },
    ].map((each) => fromCommands(each).fingerprint)
    expect(new Set(prints).size).toBe(3)
    expect(fromCommands(table({ do: () => ({ x: 1 }) })).fingerprint).toBe(prints[0])
  })
})

describe('a table is refused with the place where it does not fit:', () => {
  test.each([
    [
      'a misspelt field',
      table({ wen: () => true, do: () => ({}) }),
      'components.it.processes.p.go.wen is not known. Did you mean "when"?',
    ],
    ['no effect', table({ when: () => true }), 'components.it.processes.p.go.do is missing'],
    ['no start', table({ do: () => ({}) }, []), 'components.it.start is empty'],
    [
      'starts with other variables',
      table({ do: () => ({}) }, [{ x: 1 }, { y: 1 }]),
      'components.it.start[1] has other variables than the first',
    ],
    ['what is no plain data', table({ do: () => ({}) }, { x: new Map() }), 'components.it.start cannot be'],
    ['no component', { name: 'none', components: {} }, 'components cannot be {}'],
    [
      'a process that is called as a component is',
      { name: 'same', components: { it: { start: {}, processes: { it: { go: { do: () => ({}) } } } } } },
      'components.it.processes.it is called as a component is',
    ],
  ])('%s', (_, given, message) => {
    expect(() => fromCommands(given as CommandTable<any>)).toThrow(message)
  })
})

describe('what a command answers is refused with its name:', () => {
  const failing = async (command: object) => explore(fromCommands(table(command)))
  test.each([
    ['a guard that is no truth', { when: () => 1, do: () => ({}) }, 'it.processes.p.go.when answers what it cannot'],
    ['a variable that there is not', { do: () => ({ y: 1 }) }, 'where    y is not known'],
    ['nothing', { do: () => {} }, 'An arrow function answers a record that is in parentheses'],
    [
      'a failure',
      { do: ({ z }: { readonly z: { readonly a: number } }) => ({ x: z.a }) },
      'it.processes.p.go.do failed',
    ],
    [
      'a change in place',
      {
        do: (state: { x: number }) => {
          state.x++
          return {}
        },
      },
      'it.processes.p.go.do failed: Cannot assign to read only',
    ],
    ['a message to nobody', { do: () => ({}), sends: () => [{ type: 'X' }] }, 'where    [0].to is missing'],
  ])('%s', async (_, command, message) => {
    await expect(failing(command)).rejects.toThrow(message)
  })
})
