/** What files and eventfds order: who has found a file comes after who installed it, who lets go of it last after all who did so before. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  close,
  eventfd,
  eventfd_ctx_remove_wait_queue,
  eventfd_signal,
  fd_install,
  fget,
  field,
  file,
  fput,
  kernel,
  procedure,
  read,
  when,
  write,
  type Step,
} from '../../kernel/index.ts'

interface Locals {
  readonly v: number
  readonly got: boolean
}
type Steps = readonly Step<Locals>[]
const locals: Locals = { v: 0, got: false }
const x = field('x', 0)
const [reads, writes]: Steps = [read(x, 'v'), write(x, 1)]

/** Data races of a complete search, the same with and without reduction. */
async function races(threads: Readonly<Record<string, Steps>>): Promise<readonly string[]> {
  const world = () =>
    kernel({
      threads: Object.fromEntries(
        Object.entries(threads).map(([name, steps]) => [name, procedure(`by_${name}`, locals, steps)] as const),
      ),
    })
  const titles = [true, false].map(async (reduction) => {
    const { exhaustive, findings } = await explore(world(), [], { reduction })
    expect(exhaustive).toBe(true)
    return findings.filter(({ kind }) => kind === 'data-race').map(({ title }) => title)
  })
  const [reduced, full] = await Promise.all(titles)
  expect(reduced!.toSorted()).toEqual(full!.toSorted())
  return reduced!
}

describe('a file', () => {
  const empty = file('f', { open: false })
  const finds = (...inside: Steps): Steps => [fget(empty, 'got'), when<Locals>('got', [...inside, fput(empty)])]

  test('found by who looks it up: what was written before it was installed is known', async () => {
    expect(await races({ a: [writes!, fd_install(empty)], b: finds(reads!) })).toEqual([])
    expect(await races({ a: [fd_install(empty), writes!], b: finds(reads!) })).toEqual(['data-race in by_a / by_b'])
  })

  test('not found orders nothing', async () => {
    const looks: Steps = [fget(empty, 'got'), reads!]
    expect(await races({ a: [writes!, fd_install(empty)], b: looks })).toContain('data-race in by_a / by_b')
  })

  test('released: what those did who let go of it is known to who runs the release', async () => {
    const released = (...inside: Steps) => file('g', { release: procedure('release', locals, inside) })
    const g = released(reads!)
    const uses = (of: typeof g, ...inside: Steps): Steps => [
      fget(of, 'got'),
      when<Locals>('got', [...inside, fput(of)]),
    ]
    expect(await races({ a: uses(g, writes!), b: [close(g)] })).toEqual([])
    // Behind its fput it says nothing more to anybody.
    const late: Steps = [fget(g, 'got'), when<Locals>('got', [fput(g)]), writes!]
    expect(await races({ a: late, b: [close(g)] })).toEqual(['data-race in by_a / release'])
  })

  test('two users of one file are not ordered by it', async () => {
    const g = file('g')
    const uses = (inside: Step<Locals>): Steps => [fget(g, 'got'), when<Locals>('got', [inside, fput(g)])]
    expect(await races({ a: uses(writes!), b: uses(reads!) })).toEqual(['data-race in by_a / by_b'])
  })
})

describe('an eventfd', () => {
  const wakes = (...inside: Steps) => eventfd('efd', { wakeup: procedure('wakeup', { ...locals, key: 0 }, inside) })

  test('what was written before it is signalled is known to who is woken, and to who signals it next', async () => {
    const efd = wakes(read(x, 'v'))
    expect(await races({ a: [writes!, eventfd_signal(efd)] })).toEqual([])
    const counts = wakes(write(x, ({ v }) => v + 1))
    expect(await races({ a: [eventfd_signal(counts)], b: [eventfd_signal(counts)] })).toEqual([])
    expect(await races({ a: [eventfd_signal(counts)], b: [reads!] })).toEqual(['data-race in by_b / wakeup'])
  })

  test('who has taken its waiter off comes after all that it did', async () => {
    const efd = wakes(writes!)
    expect(await races({ a: [eventfd_signal(efd)], b: [eventfd_ctx_remove_wait_queue(efd, 'v'), reads!] })).toEqual([])
    expect(await races({ a: [eventfd_signal(efd)], b: [reads!, eventfd_ctx_remove_wait_queue(efd, 'v')] })).toEqual([
      'data-race in by_b / wakeup',
    ])
  })
})
