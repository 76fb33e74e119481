/** Procedures that were made in the same way are known to be the same, and no others are. */
import { expect, test } from 'vitest'
import { KeptActors } from '../../actors/running/kept.ts'
import { toSystem } from '../../actors/running/system.ts'
import { explore } from '../../explore/index.ts'
import * as words from '../../kernel/index.ts'
import { Origins } from '../../scenarios/origins.ts'

type Words = typeof words
type Make = (noted: Words) => { readonly machine: object }

/** Made anew, as by a file that is read again. */
const isKnownAgain = (make: Make, other: Make = make): boolean => {
  const origins = new Origins()
  const noted = (): Words => origins.noting('relock/kernel', words) as Words
  return origins.isSame(make(noted()).machine, other(noted()).machine)
}

const counts: Make = ({ procedure, mutex, mutex_lock, mutex_unlock, field, read, write, when, not, set, ret }) => {
  const m = mutex('m')
  const counter = field('counter', 0)
  return procedure('inc', { n: 0, full: false }, [
    mutex_lock(m),
    read(counter, 'n'),
    when(({ n }) => n >= 2 && n !== 0x10, [set('full', true)], [write(counter, ({ n }) => n + 1)]),
    when(not('full'), [ret((v) => v.n)]),
    mutex_unlock(m),
  ])
}

test('a procedure that is written as it was is the same, though every function in it is another one', () => {
  expect(isKnownAgain(counts)).toBe(true)
})

test.each<[string, Make]>([
  ['its name', ({ procedure, ret }) => procedure('other', [ret(0)])],
  ['a local', ({ procedure, ret }) => procedure('it', { n: 1 }, [ret(0)])],
  ['a step', ({ procedure, ret }) => procedure('it', [ret(0), ret(0)])],
  ['a number', ({ procedure, ret }) => procedure('it', [ret(1)])],
  ['a number that is a text', ({ procedure, ret }) => procedure('it', [ret('0')])],
  ['a function', ({ procedure, ret }) => procedure('it', [ret(() => 1)])],
  ['an object', ({ procedure, mutex, mutex_lock, ret }) => procedure('it', [mutex_lock(mutex('a')), ret(0)])],
])('one that differs in %s is another one', (_, other) => {
  expect(isKnownAgain(({ procedure, ret }) => procedure('it', [ret(0)]), other)).toBe(false)
  expect(isKnownAgain(other)).toBe(true)
})

const limit = 2
test.each<[string, Make]>([
  ['a name of elsewhere', ({ procedure, ret }) => procedure('it', { n: 0 }, [ret(({ n }) => n + limit)])],
  ['a global', ({ procedure, ret }) => procedure('it', { n: 0 }, [ret(({ n }) => Math.abs(n))])],
  [
    'a default that is of elsewhere',
    ({ procedure, ret }) => procedure('it', { n: undefined as number | undefined }, [ret(({ n = limit }) => n)]),
  ],
  ['a list that is spread', ({ procedure, ret }) => procedure('it', { n: 0 }, [ret(() => [...[limit]].length)])],
  ['a template', ({ procedure, ret }) => procedure('it', { n: '' }, [ret(({ n }) => `${n}${limit}`)])],
  ['a pattern', ({ procedure, ret }) => procedure('it', { n: '' }, [ret(({ n }) => /limit/.test(n))])],
  [
    'a body',
    ({ procedure, ret }) =>
      procedure('it', { n: 0 }, [
        ret(({ n }) => {
          return n
        }),
      ]),
  ],
  [
    'a function of another kind',
    ({ procedure, ret }) =>
      procedure('it', { n: 0 }, [
        ret(function ({ n }) {
          return n
        }),
      ]),
  ],
  [
    'a word of its own',
    ({ procedure, ret }) => procedure('it', { n: 0 }, [ret(Object.assign(({ n }: { n: number }) => n, { says: 'n' }))]),
  ],
])('of one in which a function has %s nothing is claimed', (_, make) => {
  expect(isKnownAgain(make)).toBe(false)
})

test('what counts is what it was made of, not what becomes of that', () => {
  const origins = new Origins()
  const { procedure, ret } = origins.noting('relock/kernel', words) as Words
  const steps: ReturnType<typeof ret>[] = [ret(0)]
  const short = procedure('it', { n: 0 }, steps)
  steps.push(ret(1))
  const long = procedure('it', { n: 0 }, steps)
  expect(short.machine).not.toBe(long.machine)
  expect(origins.isSame(short.machine, long.machine)).toBe(false)
})

test('a world that is told anew finds the same with what was kept, and every actor of it is kept', async () => {
  const origins = new Origins()
  const told = () => {
    const noted = origins.noting('relock/kernel', words) as Words
    const { kernel, always, procedure, mutex, mutex_lock, mutex_unlock, field, read, write } = noted
    const m = mutex('m')
    const counter = field('counter', 0)
    const inc = procedure('inc', { n: 0 }, [
      ...[mutex_lock(m), read(counter, 'n'), mutex_unlock(m)],
      ...[mutex_lock(m), write(counter, ({ n }) => n + 1), mutex_unlock(m)],
    ])
    const both = always('both count', (w) => w.field('counter') === 2, { when: (w) => w.finished })
    return { world: kernel({ threads: { a: inc, b: inc } }), both }
  }
  const actors = new KeptActors((one, other) => origins.isSame(one, other))
  const { world: first, both } = told()
  const fresh = await explore(toSystem(first), [both])
  for (let round = 0; round < 3; round++) {
    const { world, both: claim } = told()
    actors.meet(world)
    expect({ ...(await explore(toSystem(world), [claim])), seconds: 0 }).toEqual({ ...fresh, seconds: 0 })
    expect(toSystem(world).components.every((each) => actors.isKept(each))).toBe(round > 0)
  }
})
