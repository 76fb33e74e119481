/** Lock order, told by the set of all (held, asked for) pairs of classes. */
import type { Send, System } from '../../explore/system.ts'
import type { State } from './meaning.ts'

/** Classes: `held → asked for`. */
export type Edge = readonly [held: string, asked: string]

/** What is sent that asks for a lock, with every lock that the sender's thread holds at that moment. */
export const edgesOf = (system: System<any>, { locals }: State, sends: readonly Send[]): readonly Edge[] =>
  sends.flatMap(({ to, message }) => {
    const { lockClass: asked, acquires, nest } = system.components.find(({ id }) => id === to)!
    const thread = system.components.find(({ id }) => id === message.from)?.thread
    if (asked === undefined || thread === undefined || !acquires?.includes(message.type)) return []
    return system.components.flatMap(({ id, lockClass: held, holders, awaited }): Edge[] =>
      held !== undefined &&
      holders!(locals.get(id)).threads.includes(thread) &&
      !(awaited === 'any' && holders!(locals.get(id)).threads.length > 1) &&
      !(held === asked && nest?.after.includes(id))
        ? [[held, asked]]
        : [],
    )
  })

interface Inversion {
  readonly title: string
  readonly edges: readonly Edge[]
}

/** Cycles that no edge between two of their classes makes shorter: any shortcut leaves a smaller one. */
export const inversionsOf = (edges: readonly Edge[]): readonly Inversion[] => {
  const all = new Set(edges.map(([held, asked]) => `${held} → ${asked}`))
  const has = (held: string, asked: string) => all.has(`${held} → ${asked}`)
  const classes = [...new Set(edges.flat())].toSorted()
  const itself = classes.filter((each) => has(each, each))
  const recursive = itself.map((each): Inversion => ({ title: `recursive locking of ${each}`, edges: [[each, each]] }))
  const rings = subsets(classes)
    .filter((some) => some.length > 1)
    .flatMap(([first, ...rest]) => orders(rest).map((order) => [first!, ...order]))
    .map((ring) => ring.map((held, index): Edge => [held, ring[(index + 1) % ring.length]!]))
    .filter((ring) => ring.every(([held, asked]) => has(held, asked)))
  const hasShortcut = (ring: readonly Edge[]) =>
    ring.some(([one, next]) => ring.some(([other]) => other !== one && other !== next && has(one, other)))
  const minimal = rings.filter((ring) => !hasShortcut(ring))
  return [
    ...recursive,
    ...minimal.map((ring) => ({
      title: `lock order ${[...ring.map(([held]) => held), ring[0]![0]].join(' → ')}`,
      edges: ring,
    })),
  ]
}

const subsets = (all: readonly string[]): readonly (readonly string[])[] =>
  all.reduce<readonly (readonly string[])[]>((some, each) => [...some, ...some.map((one) => [...one, each])], [[]])

const orders = (all: readonly string[]): readonly (readonly string[])[] =>
  all.length === 0 ? [[]] : all.flatMap((each, at) => orders(all.toSpliced(at, 1)).map((rest) => [each, ...rest]))

/** A step: the number of the state it leads to (null: a crash), and the edges it shows. */
export interface Move {
  readonly to: number | null
  readonly edges: readonly Edge[]
}

/** Is there one run that shows all these? Every state is visited once for each set of them seen on the way. */
export const isSeenInOneRun = (wanted: readonly Edge[], moves: readonly (readonly Move[])[]): boolean => {
  const all = 2 ** wanted.length - 1
  const bitOf = ([held, asked]: Edge) => 1 << wanted.findIndex(([from, to]) => from === held && to === asked)
  const isWanted = (edge: Edge) => wanted.some((each) => each.join() === edge.join())
  const masks = moves.map((each) =>
    each.map(({ to, edges }) => ({ to, bits: edges.filter(isWanted).reduce((bits, edge) => bits | bitOf(edge), 0) })),
  )
  /** The number of a state, then what was seen on the way to it. */
  const visited = new Set([0])
  for (const visit of visited) {
    for (const { to, bits } of masks[Math.floor(visit / (all + 1))]!) {
      const seen = (visit % (all + 1)) | bits
      if (seen === all) return true
      if (to !== null) visited.add(to * (all + 1) + seen)
    }
  }
  return false
}
