/**
 * What holds for every program, whatever it does: random calls beyond the recordings. A failure prints its seed and the shortest program
 * found; RELOCK_SEED=<seed> makes the same programs again, RELOCK_SEEDS=<n> makes n of them (5,000 take some minutes).
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makerOf, nameIn, type Op, type Result } from '../../actors/kernel/system-calls/op.ts'
import { CaseRun, replayCase } from '../../actors/kernel/system-calls/replay.ts'
import type { Type1Context } from '../../machines/type1/backend/vfio-iommu.ts'
import { profileNames, type ProfileName } from '../../machines/profile.ts'
import { ownPrograms, programs, twinPrograms } from './generator.ts'
import { changesBetween, leftByFailure, misfits, objectsOf, pictureOf, staysBehind, type Picture } from './state.ts'

const asked = process.env['RELOCK_SEEDS']
const seed = process.env['RELOCK_SEED']

/** A share of the programs that were asked for; `few` when nobody asked. */
const runs = (few: number): fc.Parameters<unknown> => ({
  numRuns: asked === undefined ? few : Math.ceil((Number(asked) * few) / 100),
  ...(seed !== undefined && { seed: Number(seed) }),
})

const script = (ops: readonly Op[]) => ({ name: 'program', ops })

/** What may be found: the test driver does not look whether what it unpins is mapped, and the kernel says so. */
const known = [
  'WARNING in vfio_iommu_type1_unpin_pages: unpin of a page that is not mapped',
  'WARNING in iommufd_access_unpin_pages: nothing is pinned there',
]

/** Whoever unbinds a device waits until everybody has closed it. */
const mayWait = (op: Op): boolean => op.op === 'unbind'

const killed = (target: string): Op => ({ op: 'kill', target })
/** In the end nobody is left; whoever waits for a device that another one has open comes last. */
const theEnd: readonly Op[] = ['p2', 'p1', 'p0', 'h'].map(killed)

/** Everything that is wrong with a program's run, in order. */
function* wrongIn(ops: readonly Op[]): Generator<string> {
  const run = new CaseRun(script([...ops, ...theEnd]), '6.1')
  const objects = objectsOf(run)
  const first = pictureOf(run, objects)
  let before = first
  let waiting = 0
  let costs = true
  for (const [index, op] of [...ops, ...theEnd].entries()) {
    const result = run.next(index)
    const after = pictureOf(run, objects)
    if (result['pending'] === true) waiting++
    const about = `${index} ${op.op} ${result.err ?? result.ret ?? 'pending'}`
    costs &&= areCostsPlain(before, after, ops.slice(0, index))
    const wrong = [
      ...(result['pending'] === true && !mayWait(op) ? ['it does not come back'] : []),
      ...run.ignored.splice(0).map((name) => `nothing comes of ${name}`),
      ...run.findings.splice(0).flatMap(({ title }) => (known.includes(title) ? [] : [title])),
      ...misfits(run, after, { isQuiet: waiting === 0, costs }),
      ...(result.err === undefined ? [] : leftByFailure(op, result.err, changesBetween(before, after))),
      ...(op.op === 'map_dma' ? chargedToOthers(op, before, after) : []),
    ]
    yield* wrong.map((each) => `${about}: ${each}`)
    before = after
  }
  yield* staysBehind(first, before).map((each) => `when everybody is gone: ${each}`)
}

const dmasIn = (picture: Picture): readonly Type1Context[] =>
  [...picture].flatMap(([id, { context }]) => (id.endsWith('.type1') ? [context as Type1Context] : []))

/**
 * What a page costs is looked at again when a group with an IOMMU joins. Where a driver has pinned another page by then than the IOMMU gets,
 * or pinned it by an address inside the page, the kernel loses count, and so does relock.
 */
function areCostsPlain(before: Picture, after: Picture, done: readonly Op[]): boolean {
  const changes = ['mmap', 'munmap', 'mremap', 'mprotect', 'madvise', 'fork', 'drop_ipc_lock']
  const isMoved = done.some(({ op }) => changes.includes(op))
  return dmasIn(after).every(({ container, real, dmas }) => {
    const had = dmasIn(before).find((each) => each.container === container)!.real.length
    const pins = dmas.flatMap((dma) => dma.pins)
    if (had > 0 || real.length === 0 || pins.length === 0) return true
    return !isMoved && pins.every(({ iova, free }) => !free && iova % 4096n === 0n)
  })
}

const lockedBy = (picture: Picture, id: string): number =>
  (picture.get(id)!.context as { readonly locked: number }).locked

/** A mapping is charged to nobody but who makes it. */
const chargedToOthers = (op: Op, before: Picture, after: Picture): readonly string[] =>
  [...after.keys()]
    .filter((id) => id.endsWith('.mm') && !id.startsWith(makerOf(op) === 't1' ? 'p0' : makerOf(op)))
    .filter((id) => lockedBy(after, id) > lockedBy(before, id))
    .map((id) => `${id} is charged for it`)

const fails = (ops: readonly Op[]): string => [...wrongIn(ops)].join('\n')

describe('random programs', () => {
  test('leave what belongs together together, change nothing where they fail, and nothing behind', () => {
    fc.assert(
      fc.property(programs(40), (ops) => {
        expect(fails(ops)).toBe('')
      }),
      runs(100),
    )
  })

  test('get the same answers from live actors', () => {
    fc.assert(
      fc.property(programs(20), (ops) => {
        const stepped = replayCase(script(ops), '6.1')
        const live = replayCase(script(ops), '6.1', { live: true })
        expect(live.results).toEqual(stepped.results)
        expect(live.findings).toEqual(stepped.findings)
        expect(live.steps).toBe(stepped.steps)
      }),
      runs(10),
    )
  })

  const others = profileNames.filter((name) => name !== '6.1')

  test('find an answer to every call in every kernel', () => {
    fc.assert(
      fc.property(programs(30), fc.constantFrom<ProfileName>(...others), (ops, profile) => {
        const run = new CaseRun(script(ops), profile)
        const results = ops.map((_, index) => run.next(index))
        expect(run.ignored).toEqual([])
        expect(run.findings.filter(({ title }) => !known.includes(title))).toEqual([])
        expect(results).toHaveLength(ops.length)
      }),
      runs(30),
    )
  })

  test('are the same to the kernel by whomever they are run: a process, its thread, its child', () => {
    fc.assert(
      fc.property(ownPrograms(25), fc.constantFrom('thread', 'fork'), (ops, how) => {
        const own = replayCase(script(ops), '6.1').results
        const [, ...by] = replayCase(
          script([{ op: how, as: 'x' }, ...ops.map((op) => ({ ...op, proc: 'x' }))]),
          '6.1',
        ).results
        expect(by).toEqual(own)
      }),
      runs(25),
    )
  })

  /** What is said of a device names it. */
  const unnamed = (result: Result): Result =>
    JSON.parse(JSON.stringify(result).replaceAll('00:11.0', '00:10.0')) as Result

  test('do not see each other through two containers', () => {
    const twin: Readonly<Record<string, string>> = { edu0: 'edu1', emu0: 'emu1' }
    const other = (op: Op): Op => ({ ...op, proc: 'p1', ...('dev' in op && { dev: twin[nameIn(op, 'dev')!] }) })
    fc.assert(
      fc.property(twinPrograms(25), fc.infiniteStream(fc.boolean()), (ops, turns) => {
        const alone = replayCase(script(ops), '6.1').results
        const mixed: { op: Op; of: 'p0' | 'p1' }[] = []
        for (let [mine, theirs] = [0, 0]; mine + theirs < 2 * ops.length;) {
          const isMine = theirs === ops.length || (mine < ops.length && turns.next().value)
          mixed.push(isMine ? { op: ops[mine++]!, of: 'p0' } : { op: other(ops[theirs++]!), of: 'p1' })
        }
        const [, ...both] = replayCase(script([{ op: 'fork', as: 'p1' }, ...mixed.map(({ op }) => op)]), '6.1').results
        const of = (process: 'p0' | 'p1') => both.filter((_, index) => mixed[index]!.of === process).map(unnamed)
        expect(of('p0')).toEqual(alone)
        expect(of('p1')).toEqual(alone)
      }),
      runs(25),
    )
  })

  test('find everything as it was after a mapping that was made and taken away', () => {
    const place = { fd: 'c0', iova: '0x10000000', size: '0x5000' }
    const there: readonly Op[] = [
      { op: 'mmap', as: 'new', len: '0x5000' },
      { op: 'fill', vaddr: 'new', len: 0x5000, val: 1 },
    ]
    fc.assert(
      fc.property(programs(25), fc.constantFrom(1, 2, 3), (ops, flags) => {
        const map = { ...place, op: 'map_dma', vaddr: 'new', flags }
        const all = [...ops, ...there, map, { ...place, op: 'unmap_dma' }]
        const run = new CaseRun(script(all), '6.1')
        const results = all.slice(0, -2).map((_, index) => run.next(index))
        const before = pictureOf(run, objectsOf(run))
        results.push(run.next(all.length - 2), run.next(all.length - 1))
        fc.pre(results.at(-2)!.ret === 0)
        const changed = changesBetween(before, pictureOf(run, objectsOf(run)))
        expect(leftByFailure(map, 'undone', changed)).toEqual([])
        expect(results.at(-1)).toMatchObject({ ret: 0, size: '0x5000' })
      }),
      runs(20),
    )
  })
})
