/**
 * Numbers of classes that others have published for stateless searches (peers: Concuerror's suite; GenMC's, under sequential consistency): each is
 * the number of runs here, and none is given up.
 *
 * Two things are otherwise. Where a failed compare_exchange is no more than a read to others, here it is none: what is dependent does not depend on
 * the state (docs/DECISIONS.md), so programs in which two of them fail side by side have more classes, and stand below with both numbers. And the
 * published searches have accesses for steps, this one messages to and from: that changes no number, since a thread waits for its answer.
 */
import { expect, test } from 'vitest'
import { fromCommands, type CommandTable, type Variables } from '../../explore/commands/commands.ts'
import { explore } from '../../explore/index.ts'
import type { System } from '../../explore/system.ts'
import { add, cas, just, lock, programOf, r, times, unlock, w, zeros, type Program, type Thread } from './programs.ts'

const classes = async (system: System<any>) => {
  const { exhaustive, classes: found, findings } = await explore(system, [], { search: 'dpor' })
  expect([exhaustive, found!.blocked]).toEqual([true, 0])
  return { runs: found!.runs, findings }
}

/** Reads these, one after the other, as long as each is what it says; then does the rest. */
const given = (tests: readonly (readonly [string, number])[], ...then: readonly ReturnType<typeof r>[]): Thread =>
  function* () {
    for (const [of, value] of tests) if ((yield r(of)) !== value) return
    yield* just(...then)()
  }

const ones = (...names: readonly string[]): readonly Thread[] => names.map((name) => just(w(name, 1)))
const xyz = zeros('x', 'y', 'z')

const readers = (n: number): Program => ({
  variables: zeros('x'),
  threads: [just(w('x', 1)), ...times(n, () => just(r('x')))],
})

const lastZero = (n: number): Program => ({
  variables: zeros(...Array.from({ length: n + 1 }, (_, i) => `a${i}`)),
  threads: [
    function* () {
      for (let i = n; (yield r(`a${i}`)) !== 0; i--);
    },
    ...times(
      n,
      (i) =>
        function* () {
          yield w(`a${i + 1}`, (yield r(`a${i}`)) + 1)
        },
    ),
  ],
})

const fileSystem = (n: number): Program => {
  const [inodes, blocks] = [32, 26]
  const all = (of: string, count: number) => Array.from({ length: count }, (_, i) => `${of}${i}`)
  return {
    variables: zeros(
      ...all('lock-inode', inodes),
      ...all('inode', inodes),
      ...all('lock-block', blocks),
      ...all('busy', blocks),
    ),
    threads: times(
      n,
      (i) =>
        function* () {
          yield lock(`lock-inode${i}`)
          if ((yield r(`inode${i}`)) === 0)
            for (let b = (i * 2) % blocks; ; b = (b + 1) % blocks) {
              yield lock(`lock-block${b}`)
              const isFree = (yield r(`busy${b}`)) === 0
              if (isFree) yield* just(w(`busy${b}`, 1), w(`inode${i}`, b + 1))()
              yield unlock(`lock-block${b}`)
              if (isFree) break
            }
          yield unlock(`lock-inode${i}`)
        },
    ),
  }
}

const indexer = (n: number): Program => ({
  variables: zeros(...Array.from({ length: 128 }, (_, i) => `cell${i}`)),
  threads: times(
    n,
    (t) =>
      function* () {
        for (let i = 0; i < 4; i++) {
          const word = i * 11 + t
          for (let at = (word * 7) % 128; (yield cas(`cell${at}`, 0, word + 1)) === 0; at = (at + 1) % 128);
        }
      },
  ),
})

const hairbrush = (length: number, brushes: number): Program => ({
  variables: zeros('x'),
  threads: [
    just(...Array.from({ length }, (_, i) => w('x', i + 1))),
    ...times(brushes, () => just(...Array.from({ length }, () => r('x')))),
  ],
})

/** Each takes the fork on the left, then that on the right, and puts both back. */
const philosophers = (n: number): Program => ({
  variables: zeros(...Array.from({ length: n }, (_, i) => `fork${i}`)),
  threads: times(n, (i) => {
    const [left, right] = [`fork${i}`, `fork${(i + 1) % n}`]
    return just(lock(left), lock(right), unlock(right), unlock(left))
  }),
})

const copies = (from: string, to: string): Thread => given([[from, 1]], w(to, 1))

const published: readonly (readonly [name: string, classes: number, program: Program])[] = [
  ...[2, 3, 4, 6].map((n) => [`readers(${n})`, 2 ** n, readers(n)] as const),
  ...[2, 3, 4, 5].map((n) => [`lastzero(${n})`, (n + 3) * 2 ** (n - 2), lastZero(n)] as const),
  ['file system(14)', 2, fileSystem(14)],
  ['file system(16)', 8, fileSystem(16)],
  ['indexer(12)', 8, indexer(12)],
  ['2w || 2r', 6, hairbrush(2, 1)],
  ['3w || 3r', 20, hairbrush(3, 1)],
  ['2w || 2r || 2r', 36, hairbrush(2, 2)],
  ['3w || 3r || 3r', 400, hairbrush(3, 2)],
  [
    'the example of the paper',
    5,
    {
      variables: xyz,
      threads: [
        ...ones('x', 'y'),
        given([['y', 0]], w('z', 1)),
        given(
          [
            ['z', 1],
            ['y', 0],
          ],
          w('x', 2),
        ),
      ],
    },
  ],
  [
    'depend_1',
    12,
    {
      variables: xyz,
      threads: [
        ...ones('z', 'x', 'y'),
        given(
          [
            ['x', 1],
            ['y', 1],
          ],
          r('z'),
        ),
        given([['y', 1]], r('z')),
      ],
    },
  ],
  [
    'depend_3',
    30,
    {
      variables: xyz,
      threads: [
        ...ones('z', 'x'),
        just(w('y', 1), w('y', 2)),
        unlessZero(['x', 'y'], r('z')),
        unlessZero(['y'], r('z')),
      ],
    },
  ],
  [
    'depend_5',
    12,
    {
      variables: xyz,
      threads: [...ones('z', 'x'), just(w('y', 1), w('y', 2)), unlessZero(['x', 'y'], r('z')), just(r('x'))],
    },
  ],
  [
    'depend_4',
    30,
    {
      variables: xyz,
      threads: [
        ...ones('z', 'x', 'y'),
        given(
          [
            ['x', 1],
            ['y', 1],
          ],
          r('z'),
        ),
        given([['y', 1]], r('z')),
        just(w('x', 2)),
      ],
    },
  ],
  [
    'depend_6',
    18,
    { variables: xyz, threads: [just(r('y'), r('z')), just(r('y')), ...ones('z'), just(w('y', 1), w('y', 2))] },
  ],
  [
    'diff_dep_1',
    9,
    { variables: xyz, threads: [...ones('x', 'y', 'z'), given([['z', 1]], r('x')), given([['y', 1]], r('x'))] },
  ],
  ['diff_dep_3', 6, { variables: xyz, threads: [...ones('x', 'z'), given([['z', 1]], r('x')), just(r('x'))] }],
  [
    'many_initials',
    5,
    {
      variables: xyz,
      threads: [
        ...ones('x', 'y', 'z'),
        function* () {
          const [y, z] = [yield r('y'), yield r('z')]
          if (y === 1 && z === 1) yield r('x')
        },
      ],
    },
  ],
  ...(['by whom', 'by value'] as const).map(
    (writes) =>
      [
        `conditional_readers, writes told apart ${writes}`,
        writes === 'by whom' ? 12 : 8,
        {
          writes,
          variables: zeros('x', 'y'),
          threads: [...ones('x'), ...times(2, () => given([['y', 0]], r('x'), w('y', 1)))],
        },
      ] as const,
  ),
  [
    'combination_lock',
    6,
    {
      variables: zeros('a', 'b', 'c', 'd', 'v', 'w', 'x', 'y', 'z'),
      threads: [
        ...ones('z'),
        function* () {
          yield* just(w('x', 1), w('a', 1))()
          if ((yield r('y')) === 1) yield* just(w('w', 1), w('b', 0))()
        },
        function* () {
          if ((yield r('x')) !== 1) return
          yield* just(w('y', 1), w('c', 0))()
          if ((yield r('v')) === 1) yield r('z')
        },
        given([['w', 1]], w('v', 1), w('d', 0)),
      ],
    },
  ],
  [
    'long_chain',
    20,
    {
      variables: zeros('x', 'y', 'z', 'a', 'b', 'c', 'w'),
      threads: [
        just(w('x', 1), w('w', 1)),
        ...[
          ['x', 'y'],
          ['y', 'a'],
          ['a', 'b'],
          ['b', 'c'],
          ['c', 'z'],
        ].map(([from, to]) => copies(from!, to!)),
        given([['a', 1]], r('w')),
        given([['z', 1]], r('w')),
      ],
    },
  ],
  [
    'etsi',
    7,
    {
      variables: xyz,
      threads: [
        ['x', 'y', 'z'],
        ['y', 'z', 'x'],
        ['z', 'x', 'y'],
      ].map(
        ([a, b, c]): Thread =>
          function* () {
            yield (yield r(a!)) === 0 ? w(b!, 1) : w(c!, 0)
          },
      ),
    },
  ],
  [
    'etsi_8',
    10,
    { variables: xyz, threads: [...ones('x'), just(w('y', 1), r('x')), given([['x', 1]], r('y')), just(r('x'))] },
  ],
  ['sleeping_races_1', 3, { variables: xyz, threads: [...ones('y', 'x'), given([['x', 1]], r('y'))] }],
  [
    'sleeping_races_2',
    5,
    {
      variables: xyz,
      threads: [
        ...ones('y', 'x'),
        function* () {
          yield w('y', 2)
          if ((yield r('x')) === 1) yield r('y')
        },
      ],
    },
  ],
  [
    'sleeping_races_6',
    10,
    {
      variables: zeros('w', 'x', 'y', 'z'),
      threads: [
        ...ones('w', 'x', 'y'),
        just(r('y'), w('z', 1)),
        given(
          [
            ['y', 1],
            ['z', 1],
            ['x', 1],
          ],
          r('w'),
        ),
      ],
    },
  ],
  [
    'two_writers_readers',
    9,
    { variables: zeros('x', 'y'), threads: [just(w('x', 1), w('x', 2)), ...times(2, () => just(r('y'), r('x')))] },
  ],
  [
    'two_writers_readers, two writers',
    18,
    {
      variables: zeros('x', 'y'),
      threads: [just(w('x', 1)), just(w('x', 2)), ...times(2, () => just(r('y'), r('x')))],
    },
  ],
  ...(['by whom', 'by value'] as const).flatMap((writes) => {
    const [isPlain, variables] = [writes === 'by whom', zeros('x')]
    const shared = { writes, variables }
    return [
      [
        `writeread, ${writes}`,
        isPlain ? 22 : 18,
        { ...shared, threads: [...ones('x'), just(w('x', 1), r('x')), just(w('x', 0), r('x'))] },
      ],
      [
        `wakeup_many, ${writes}`,
        isPlain ? 6 : 4,
        { ...shared, threads: [1, 0, 1].map((value) => just(w('x', value))) },
      ],
    ] as const
  }),
  [
    'manywrite',
    4,
    { variables: zeros('x', 'y'), threads: [1, 2].flatMap((value) => ['x', 'y'].map((of) => just(w(of, value)))) },
  ],
  ['store buffering', 3, { variables: zeros('x', 'y'), threads: [just(w('x', 1), r('y')), just(w('y', 1), r('x'))] }],
  ['n fetch_add', 24, { variables: zeros('x'), threads: times(4, () => just(add('x'))) }],
  ['n fetch_add of two', 36, { variables: zeros('x', 'y'), threads: times(3, () => just(add('x'), add('y'))) }],
  ['inc', 36, { variables: zeros('x'), threads: times(3, (i) => just(r('x'), w('x', i))) }],
  [
    'lockinc',
    6,
    { variables: zeros('x', 'm'), threads: times(3, (i) => just(lock('m'), r('x'), w('x', i), unlock('m'))) },
  ],
  [
    'a write beside fetch_add',
    24,
    { variables: zeros('x'), threads: [just(w('x', 42)), ...times(3, () => just(add('x')))] },
  ],
  [
    '5 writers, a reader',
    720,
    { variables: zeros('x'), threads: [...times(5, (i) => just(w('x', i + 1))), just(r('x'))] },
  ],
  ['fib(1)', 11, fibonacci(1)],
  ['fib(2)', 140, fibonacci(2)],
  ...([4, 15, 130] as const).map((count, at) => [`CoA(${at + 1})`, count, coherence(at + 1)] as const),
]

function unlessZero(tests: readonly string[], ...then: readonly ReturnType<typeof r>[]): Thread {
  return function* () {
    for (const of of tests) if ((yield r(of)) === 0) return
    yield* just(...then)()
  }
}

function fibonacci(n: number): Program {
  const adds = (to: string): Thread =>
    function* () {
      for (let i = 0; i < n; i++) yield w(to, (yield r('x')) + (yield r('y')))
    }
  return { variables: { x: 1, y: 1 }, threads: [adds('x'), adds('y'), just(r('x'), r('y'))] }
}

function coherence(n: number): Program {
  return {
    variables: xyz,
    threads: [
      just(w('x', 1), r('y'), r('x')),
      just(w('x', 2), r('z'), r('x')),
      ...times(n - 1, (i) => just(w('y', i + 1), w('z', i + 1))),
    ],
  }
}

test.each(published)('%s: %i', async (name, count, program) => {
  expect((await classes(programOf(name, program))).runs).toBe(count)
})

test('locks in two orders: 3, and one of them hangs', async () => {
  const threads = [
    just(lock('a'), lock('b'), unlock('b'), unlock('a')),
    just(lock('b'), lock('a'), unlock('a'), unlock('b')),
  ]
  const { runs, findings } = await classes(programOf('AB-BA', { variables: zeros('a', 'b'), threads }))
  expect([runs, findings.map(({ kind }) => kind)]).toEqual([3, ['deadlock']])
})

test.each([2, 3, 4])('%i philosophers: all orders but one, and one of them hangs', async (n) => {
  const { runs, findings } = await classes(programOf('philosophers', philosophers(n)))
  expect([runs, findings.map(({ kind }) => kind)]).toEqual([2 ** n - 1, ['deadlock']])
})

test.each([
  ['n compare_exchange of 0', 3, 6, times(3, (i) => just(cas('x', 0, i + 1)))],
  ['a write beside n compare_exchange', 13, 24, [just(w('x', 2)), ...times(3, () => just(cas('x', 2, 3)))]],
])('%s: %i where a failed one is a read, %i here', async (name, _, here, threads) => {
  expect((await classes(programOf(name, { variables: zeros('x'), threads }))).runs).toBe(here)
})

/** So many senders, and a receiver that says in which order it has heard them, or only how many they were. */
const mailbox = (senders: number, messages: number, hears: 'whom' | 'how many') => {
  interface Sender {
    readonly sent: number
  }
  interface Box {
    readonly heard: readonly string[]
    readonly count: number
  }
  const sender = {
    start: { sent: 0 },
    processes: {
      it: {
        send: {
          when: ({ sent }: Sender) => sent < messages,
          do: ({ sent }: Sender) => ({ sent: sent + 1 }),
          sends: () => [{ to: 'box', type: 'SAID' }],
        },
      },
    },
    mayEnd: true,
  }
  const box: Variables<Box> = {
    start: { heard: [], count: 0 },
    receives: {
      SAID: {
        do: ({ heard, count }, { from }) => (hears === 'whom' ? { heard: [...heard, from] } : { count: count + 1 }),
      },
    },
    mayEnd: true,
  }
  return fromCommands<Readonly<Record<string, Sender | Box>>>({
    name: 'a mailbox',
    components: {
      ...Object.fromEntries(Array.from({ length: senders }, (_, i) => [`s${i}`, sender])),
      box,
    } as CommandTable<Readonly<Record<string, Sender | Box>>>['components'],
  })
}

test.each([
  [3, 1, 6],
  [4, 1, 24],
  [2, 2, 6],
  [3, 2, 90],
])('%i senders of %i messages, received as they come: %i; where nobody minds: 1', async (senders, messages, count) => {
  expect((await classes(mailbox(senders, messages, 'whom'))).runs).toBe(count)
  expect((await classes(mailbox(senders, messages, 'how many'))).runs).toBe(1)
})
