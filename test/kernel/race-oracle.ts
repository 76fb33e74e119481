/**
 * Data races by brute force, apart from everything that relock does: small programs, all their interleavings one after the other, and vector
 * clocks in each of them.
 */

/**
 * One step of a thread. `m` is a mutex, `sem` an rw_semaphore; variables are `x`, `y` (plain or marked), `f`, `g` (marked), and `l`, a list: what
 * changes it is marked as far as readers see it.
 */
export type Op =
  | { readonly op: 'lock' | 'unlock' | 'down_read' | 'up_read' | 'down_write' | 'up_write' | 'mb' | 'wmb' | 'rmb' }
  /** Interrupts of the processor that the first thread has, and that the handler comes to. */
  | { readonly op: 'irq_off' | 'irq_on' }
  | { readonly op: 'list_add' | 'list_add_rcu' | 'list_walk' | 'list_first' | 'list_first_rcu'; readonly of: 'l' }
  | { readonly op: 'read' | 'write' | 'READ_ONCE' | 'WRITE_ONCE' | 'release' | 'acquire'; readonly of: string }
  /** Read-modify-writes: fully ordered, relaxed, full when it finds 0, and release (acquire, too, at 0). */
  | { readonly op: 'xchg' | 'atomic_inc' | 'cmpxchg' | 'put'; readonly of: string }
  /** Goes on with `inside` if what was read last is not 0. */
  | { readonly op: 'if'; readonly inside: readonly Op[] }

/** A count for reads and one for writes of each thread. */
type Clock = readonly number[]

const join = (one: Clock, other: Clock): Clock => one.map((n, at) => Math.max(n, other[at]!))

interface Thread {
  readonly rest: readonly Op[]
  /** It has begun. */
  readonly begun?: boolean
  readonly got: number
  /** What comes before what it does; before what others do who see its marked stores; what it has seen; what comes before its reads. */
  readonly now: Clock
  readonly hands: Clock
  readonly met: Clock
  readonly reads: Clock
}

interface State {
  readonly threads: readonly Thread[]
  readonly values: Readonly<Record<string, number>>
  /** By variable and by lock. */
  readonly clocks: Readonly<Record<string, Clock>>
  readonly writer: Readonly<Record<string, number | undefined>>
  readonly readers: number
  /** Interrupts of the first thread's processor. */
  readonly irqsOff: boolean
  readonly history: readonly Past[]
}

interface Past {
  readonly of: string
  readonly thread: number
  readonly writes: boolean
  readonly marked: boolean | 'to readers'
  /** Where in a clock, and how far. */
  readonly at: number
  readonly count: number
}

/**
 * `x: p0 / p1` for each variable and two threads that race on it in some run. `interrupted`: the last is no thread but what an interrupt runs on
 * the processor of the first.
 */
export function racesOf(program: readonly (readonly Op[])[], interrupted = false): readonly string[] {
  const handler = interrupted ? program.length - 1 : -1
  const zero: Clock = program.flatMap(() => [0, 0])
  const found = new Set<string>()
  const clockOf = (state: State, of: string): Clock => state.clocks[of] ?? zero
  const from = (state: State): void => {
    for (const [n, thread] of state.threads.entries()) {
      const [op, ...rest] = thread.rest
      if (op === undefined || isKeptOut(state, n)) continue
      const began = n === handler && !thread.begun ? begin(state, { ...thread, rest }) : { ...thread, rest }
      const next = step(state, n, began, op)
      if (next) from(n === handler ? ended(next) : next)
    }
  }

  /** A handler comes when interrupts are on, and what it interrupts goes on when it is through. */
  const isKeptOut = ({ threads, irqsOff }: State, n: number): boolean => {
    if (n === handler) return irqsOff && threads[n]!.begun !== true
    const runs = handler >= 0 && threads[handler]!.begun === true && threads[handler]!.rest.length > 0
    return n === 0 && runs
  }
  const begin = (state: State, thread: Thread): Thread => ({
    ...thread,
    begun: true,
    now: join(thread.now, clockOf(state, 'irqs')),
  })
  const ended = (state: State): State => {
    const thread = state.threads[handler]!
    if (thread.rest.length > 0) return state
    return { ...state, clocks: { ...state.clocks, irqs: join(clockOf(state, 'irqs'), everything(thread)) } }
  }

  const put = (state: State, n: number, thread: Thread, more: Partial<State> = {}): State => ({
    ...state,
    ...more,
    threads: state.threads.map((each, at) => (at === n ? thread : each)),
  })

  /** All that a release gives away. */
  const everything = ({ now, met, reads }: Thread): Clock => join(join(now, met), reads)

  const full = (thread: Thread): Thread => {
    const now = join(thread.now, thread.met)
    return { ...thread, now, hands: join(thread.hands, now) }
  }

  const step = (state: State, n: number, thread: Thread, op: Op): State | undefined => {
    const { writer, readers } = state
    const gets = (...clocks: readonly string[]) => ({
      ...thread,
      now: clocks.map((each) => clockOf(state, each)).reduce(join, thread.now),
    })
    const gives = (to: string) => ({ ...state.clocks, [to]: join(clockOf(state, to), everything(thread)) })
    switch (op.op) {
      case 'if':
        return put(state, n, thread.got === 0 ? thread : { ...thread, rest: [...op.inside, ...thread.rest] })
      case 'irq_off':
        return put(state, n, gets('irqs'), { irqsOff: true })
      case 'irq_on':
        return put(state, n, thread, { irqsOff: false, clocks: gives('irqs') })
      case 'mb':
        return put(state, n, full(thread))
      case 'wmb': {
        const own = thread.now.map((count, at) => (at === 2 * n + 1 ? count : 0))
        return put(state, n, { ...thread, hands: join(thread.hands, own) })
      }
      case 'rmb':
        return put(state, n, { ...thread, reads: join(thread.reads, thread.met) })
      case 'lock':
        if (writer['m'] !== undefined) return undefined
        return put(state, n, gets('m'), { writer: { ...writer, m: n } })
      case 'unlock':
        return put(state, n, thread, { writer: { ...writer, m: undefined }, clocks: gives('m') })
      case 'down_read':
        if (writer['sem'] !== undefined) return undefined
        return put(state, n, gets('sem'), { readers: readers + 1 })
      case 'up_read':
        return put(state, n, thread, { readers: readers - 1, clocks: gives('sem readers') })
      case 'down_write':
        if (writer['sem'] !== undefined || readers > 0) return undefined
        return put(state, n, gets('sem', 'sem readers'), { writer: { ...writer, sem: n } })
      case 'up_write':
        return put(state, n, thread, { writer: { ...writer, sem: undefined }, clocks: gives('sem') })
      default:
        return access(state, n, thread, op)
    }
  }

  const access = (state: State, n: number, before: Thread, { op, of }: Extract<Op, { readonly of: string }>): State => {
    const old = state.values[of] ?? 0
    const adds = op === 'list_add' || op === 'list_add_rcu'
    const looks = op === 'list_walk' || op === 'list_first' || op === 'list_first_rcu'
    const loads = op !== 'write' && op !== 'WRITE_ONCE' && op !== 'release' && !adds
    const stores = op !== 'read' && op !== 'READ_ONCE' && op !== 'acquire' && !looks
    const value = op === 'cmpxchg' ? (old === 0 ? 1 : old) : op === 'atomic_inc' ? old + 1 : op === 'put' ? old - 1 : 1
    const marked: Past['marked'] = adds ? 'to readers' : op !== 'read' && op !== 'write' && op !== 'list_walk'
    const isFull = op === 'xchg' || (op === 'cmpxchg' && old === 0)
    const acquires = op === 'acquire' || op === 'list_first_rcu' || isFull || (op === 'put' && value === 0)
    const releases = op === 'release' || op === 'list_add_rcu' || isFull || op === 'put'
    // Its own count, and races with what has been.
    const at = 2 * n + (stores ? 1 : 0)
    const count = before.now[at]! + 1
    const known = stores ? before.now : join(before.now, before.reads)
    for (const past of state.history) {
      if (past.of !== of || past.thread === n || (!past.writes && !stores)) continue
      const isMarked = (how: Past['marked'], reads: boolean): boolean => (how === 'to readers' ? reads : how)
      if (isMarked(past.marked, !stores) && isMarked(marked, !past.writes)) continue
      if (past.count > known[past.at]!)
        found.add(
          `${of}: ${[past.thread, n]
            .sort()
            .map((t) => `p${t}`)
            .join(' / ')}`,
        )
    }
    const history = [...state.history, { of, thread: n, writes: stores, marked, at, count }]
    let thread: Thread = { ...before, now: before.now.map((each, index) => (index === at ? count : each)) }
    if (isFull) thread = full(thread)
    const left = clockOf(state, of)
    if (marked && loads)
      thread = acquires ? { ...thread, now: join(thread.now, left) } : { ...thread, met: join(thread.met, left) }
    const given = !marked ? zero : releases ? everything(thread) : thread.hands
    const clock = !stores ? left : loads && marked ? join(left, given) : given
    if (isFull) thread = full(thread)
    // What is kept: whether a count came to 0, what was there before otherwise.
    const got = op === 'put' ? (value === 0 ? 1 : 0) : old
    return put(state, n, loads && op !== 'atomic_inc' ? { ...thread, got } : thread, {
      history,
      clocks: { ...state.clocks, [of]: clock },
      values: stores ? { ...state.values, [of]: value } : state.values,
    })
  }

  from({
    threads: program.map((rest) => ({ rest, got: 0, now: zero, hands: zero, met: zero, reads: zero })),
    values: { n: 2 },
    clocks: {},
    writer: {},
    readers: 0,
    irqsOff: false,
    history: [],
  })
  return [...found].sort()
}
