/**
 * Small systems in which somebody claims what is not so, or in which what looks as if it commuted does not. In some orders nothing shows it:
 * a search that takes deliveries alone may pass by, and then it misses what the full search finds.
 */
import type { Component, Finding, Memory, Message, System } from '../../explore/system.ts'
import { closed } from './closed.ts'
import { begin, component, from, type Handler, type Post } from './component.ts'
import { completion, judge, mutex, register, room, rwsem, triedMutex } from './objects.ts'
import { complete, lock, thread, unlock, write, type Op } from './thread.ts'

const names = 'fc1'

export interface FalseClaim {
  readonly system: System<null>
  /** Why the reduction gives up; `on` when it only has to be more careful. */
  readonly reduction: 'on' | RegExp
}

const warn = (title: string): readonly Finding[] => [{ kind: 'warn', title, fatal: false }]
const reply = ({ from: to, task }: Message, type = 'DONE'): Post => ({ to, type, task })
const to = (object: string, ...types: readonly string[]): readonly Op[] => types.map((type) => ({ to: object, type }))
/** Tells the judge what it heard last. */
const tells = (op: Op): readonly Op[] => [
  { ...op, keeps: ({ type, value }) => ({ heard: value ?? type }) },
  { to: 'judge', type: 'ENDED', fields: ({ heard }) => ({ with: heard }) },
]

/** Open only in the middle of a critical section; closed, it defers whoever peeks. It says that all who come hold the lock. */
const gate = (): Component<string> =>
  component<string>({
    id: 'gate',
    initial: 'closed',
    guardedBy: 'lock',
    on: {
      TURN: (local, message) => ({ local: local === 'open' ? 'closed' : 'open', sends: [reply(message)] }),
      PEEK: (local, message) => (local === 'open' ? { sends: [reply(message)], findings: warn('seen open') } : 'defer'),
    },
  })

const turns: readonly Op[] = [lock('lock'), ...to('gate', 'TURN', 'TURN'), unlock('lock')]
const gated = (name: string, ...threads: readonly Component[]): System<null> =>
  closed(name, names, [...threads, mutex('lock'), gate()])

/** Remembers who was there, and minds if `last` comes when exactly those in `others` have been. */
const guestBook = (last: string, others: string): Component<string> =>
  component<string>({
    id: 'book',
    initial: '',
    on: {
      SIGN: (signed, message) => ({
        local: [...signed, String(message.task).at(-1)!].toSorted().join(''),
        sends: [reply(message)],
        findings: message.task === last && signed === others ? warn('the last guest') : [],
      }),
    },
  })

/** A mutex that hears more than LOCK and UNLOCK. */
const oddMutex = (on: Readonly<Record<string, Handler<any>>>, claims: Partial<Component> = {}): Component => {
  const plain = mutex('lock')
  const odd = component<{ readonly holder: string | null }>({ id: 'lock', initial: { holder: null }, on })
  const takes = (message: Message) => (on[message.type] === undefined ? plain : odd)
  return {
    ...plain,
    ...claims,
    accepts: (local, message) => takes(message).accepts(local, message),
    receive: (local, message) => takes(message).receive(local, message),
  }
}

/** Hears two letters, and says whose came first. */
const box = (): Component<{ readonly first: string | null }> =>
  component<{ readonly first: string | null }>({
    id: 'box',
    initial: { first: null },
    on: {
      LETTER: ({ first }, { of }) =>
        first === null ? { local: { first: String(of) }, findings: warn(`${String(of)} first`) } : {},
    },
  })

/** Answers, and has the box know who asked. */
const clerk = (id: string, claims: Pick<Component, 'guardedBy'> = {}): Component<null> =>
  component<null>({
    id,
    initial: null,
    ...claims,
    on: {
      ASK: (_, message) => ({ sends: [reply(message), { to: 'box', type: 'LETTER', of: message.task }] }),
    },
  })

/** Owes an answer to the thread `debtor` names, and pays when somebody else pokes it; `again` lets it owe what it has paid. */
const bank = (initial: readonly string[], again: boolean): Component<readonly string[]> =>
  component<readonly string[]>({
    id: 'bank',
    initial,
    owes: (local) => local,
    on: {
      BORROW: (_, message) => ({ local: again ? [message.from] : [], sends: [reply(message)] }),
      POKE: (local, message) => ({
        local: [],
        sends: [reply(message), ...local.map((debtor) => ({ to: debtor, type: 'PAID' }))],
      }),
    },
  })

/** One that minds what it hears before it was told to go, and when it is done. */
const touchy = (id: string, ops: readonly Op[]): Component => {
  const plain = thread(id, ops)
  return {
    ...plain,
    receive: (local, message) => {
      const outcome = plain.receive(local, message)
      if (message.type !== 'PAID') return outcome
      return { ...outcome, local, sends: [], ignored: false, findings: warn(`paid in ${local.state} ${local.at}`) }
    },
  }
}

const semWith = (claims: Partial<Component>): Component => ({ ...rwsem('lock'), ...claims })
const shared = (...ops: readonly Op[]): readonly Op[] => [...to('lock', 'DOWN_READ'), ...ops, ...to('lock', 'UP_READ')]
const reads = (id: string): Op => ({ to: id, type: 'READ' })

/** Alarms only where LIGHT and DOUSE both come after ARM, which itself commutes with everything that comes meanwhile. */
const fuse = (): Component<string> =>
  component<string>({
    id: 'fuse',
    initial: 'safe',
    on: {
      ARM: (_, message) => ({ local: 'armed', sends: [reply(message)] }),
      LIGHT: (local, message) => ({ local: local === 'armed' ? 'lit' : local, sends: [reply(message)] }),
      DOUSE: (local, message) => ({ local: local === 'lit' ? 'doused' : local, sends: [reply(message)] }),
    },
  })

/** Counts what it has lent; the names it gives are only in what it says about memory. */
export const heap = (says: (count: number, message: Message) => readonly Memory[]): Component<number> => {
  const plain = component<number>({
    id: 'heap',
    initial: 0,
    on: { ALLOC: (count, message) => ({ local: count + 1, sends: [reply(message)] }) },
  })
  return { ...plain, receive: (local, message) => ({ ...plain.receive(local, message), memory: says(local, message) }) }
}

const claim = (system: System<null>, reduction: FalseClaim['reduction']): FalseClaim => ({ system, reduction })

export const falseClaims: readonly FalseClaim[] = [
  claim(
    gated('a gate that somebody reaches without the lock', thread('t0', to('gate', 'PEEK')), thread('t1', turns)),
    /t0 reached gate \(PEEK\) without lock/,
  ),
  claim(
    gated('a gate that is shut again before anybody comes', thread('t0', turns), thread('t1', to('gate', 'PEEK'))),
    /t1 reached gate \(PEEK\) without lock/,
  ),
  claim(
    closed('a register that is read without the lock', names, [
      thread('t0', tells(reads('r'))),
      thread('t1', [lock('lock'), write('r', 1), write('r', 2), unlock('lock')]),
      mutex('lock'),
      register('r', 0, { guardedBy: 'lock' }),
      judge('judge', 1),
    ]),
    /t0 reached r \(READ\) without lock/,
  ),
  claim(
    closed('a register that is written without the lock, where only reading is said to be free', names, [
      thread('t0', tells({ ...write('r', 3), to: 'r' })),
      thread('t1', [lock('lock'), ...tells(reads('r')).slice(0, 1), reads('r'), ...tells(reads('r')), unlock('lock')]),
      mutex('lock'),
      register('r', 0, { guardedBy: 'lock', unguarded: ['READ', 'WRITE'] }),
      judge('judge', 2),
    ]),
    /t0 reached r \(WRITE\) without lock/,
  ),
  claim(
    closed('a register that is written under a lock held for read', names, [
      thread('t0', shared(write('r', 1))),
      thread('t1', shared(...tells(reads('r')))),
      rwsem('lock'),
      register('r', 0, { guardedBy: 'lock' }),
      judge('judge', 1),
    ]),
    /changed r \(WRITE\) with lock held for read/,
  ),
  claim(
    closed('a lock that can be poked while another holds it', names, [
      thread('t0', [lock('lock'), ...to('room', 'STAY'), unlock('lock')]),
      thread('t1', to('lock', 'POKE')),
      oddMutex({
        POKE: ({ holder }, message) => ({
          sends: [reply(message)],
          findings: holder === null ? [] : warn('poked while held'),
        }),
      }),
      room('room'),
    ]),
    /lock took POKE from t1, which does not hold it/,
  ),
  claim(
    closed('a lock that is given to one who has not asked', names, [
      thread('t0', [lock('lock'), ...to('gate', 'TURN', 'TURN'), ...to('lock', 'GIVE')]),
      thread('t1', to('gate', 'PEEK')),
      oddMutex({ GIVE: (_, message) => ({ local: { holder: 't1' }, sends: [reply(message)] }) }),
      gate(),
    ]),
    /GIVE from t0 changes what t1 holds of lock|t1 reached gate/,
  ),
  claim(
    closed('a lock that is taken from its holder by one who may try', names, [
      thread('t0', [lock('lock'), write('r', 1), ...tells(reads('r')), unlock('lock')]),
      thread('t1', [...to('lock', 'STEAL'), write('r', 2), unlock('lock')]),
      oddMutex(
        { STEAL: (_, message) => ({ local: { holder: String(message.task) }, sends: [reply(message)] }) },
        { tried: true },
      ),
      register('r', 0, { guardedBy: 'lock' }),
      judge('judge', 1),
    ]),
    /STEAL from t1 changes what t0 holds of lock/,
  ),
  claim(
    closed('a completion that one completes who is said not to', names, [
      thread('t0', [complete('done')]),
      thread('t1', [lock('lock'), unlock('lock')]),
      completion('done', ['t1']),
      mutex('lock'),
    ]),
    /COMPLETE from t0 changes what t1 holds of done/,
  ),
  claim(
    closed('readers who are said to hold the lock for themselves', names, [
      thread('t0', shared(write('r', 1), ...tells(reads('r')))),
      thread('t1', shared(write('r', 2), ...tells(reads('r')))),
      semWith({ holders: (local) => ({ threads: [...new Set<string>(local.readers)], exclusive: true }) }),
      register('r', 0, { guardedBy: 'lock' }),
      judge('judge', 2),
    ]),
    /lock is held exclusively by t0 and t1|lock took DOWN_READ/,
  ),
  claim(
    closed('two who hold a lock for themselves from the start', names, [
      thread('t0', [write('r', 1), ...tells(reads('r'))]),
      thread('t1', [write('r', 2), ...tells(reads('r'))]),
      semWith({
        initial: { readers: ['t0', 't1'], writer: null, waiting: null },
        holders: (local) => ({ threads: local.readers, exclusive: true }),
      }),
      register('r', 0, { guardedBy: 'lock' }),
      judge('judge', 2),
    ]),
    /lock is held exclusively by t0 and t1/,
  ),
  claim(
    closed('one who is owed an answer before it begins', names, [
      touchy('t0', to('room', 'STAY')),
      thread('t1', to('bank', 'POKE')),
      room('room'),
      bank(['t0'], false),
    ]),
    /two messages of thread t0 are in flight at the start/,
  ),
  claim(
    closed('one who is owed what it has got', names, [
      touchy('t0', to('bank', 'BORROW').concat(to('room', 'STAY'))),
      thread('t1', to('bank', 'POKE')),
      room('room'),
      bank([], true),
    ]),
    /bank owes an answer it has given/,
  ),
  claim(
    {
      ...closed('one who is told to go and paid at once', names, [touchy('t0', to('room', 'STAY')), room('room')]),
      start: [begin('t0'), from('clerk')({ to: 't0', type: 'PAID' })],
    },
    /two messages of thread t0 are in flight at the start/,
  ),
  claim(
    closed('two readers at once who have the same clerk write', names, [
      thread('t0', shared(...to('clerk', 'ASK'))),
      thread('t1', shared(...to('clerk', 'ASK'))),
      rwsem('lock'),
      clerk('clerk', { guardedBy: 'lock' }),
      box(),
    ]),
    'on',
  ),
  ...[
    ['t0', '3'],
    ['t0', '23'],
    ['t0', '13'],
    ['t1', '03'],
    ['t2', '3'],
  ].map(([last, others]) =>
    claim(
      closed(`a book that minds if ${last} comes last to ${others}`, names, [
        ...['t0', 't1', 't2', 't3'].map((id) => thread(id, to('book', 'SIGN'))),
        guestBook(last!, others!),
      ]),
      'on',
    ),
  ),
  claim(
    closed('a fuse that matters only once it is armed', names, [
      thread('t1', to('fuse', 'DOUSE')),
      thread('t0', to('fuse', 'LIGHT', 'ARM', 'LIGHT')),
      fuse(),
    ]),
    'on',
  ),
  claim(
    closed('two who only write', names, [thread('t0', [write('r', 1)]), thread('t1', [write('r', 2)]), register('r')]),
    'on',
  ),
  claim(
    closed('a lock that may be tried while it is given back', names, [
      thread('t0', [lock('lock'), unlock('lock')]),
      thread('t1', tells({ to: 'lock', type: 'TRYLOCK' })),
      triedMutex('lock'),
      judge('judge', 1),
    ]),
    'on',
  ),
  claim(
    closed('a register that may be read without its lock', names, [
      thread('t0', tells(reads('r'))),
      thread('t1', [lock('lock'), write('r', 1), write('r', 2), unlock('lock')]),
      mutex('lock'),
      register('r', 0, { guardedBy: 'lock', unguarded: ['READ'] }),
      judge('judge', 1),
    ]),
    'on',
  ),
]
