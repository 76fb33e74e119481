/**
 * SCXML 1.0 (W3C), as its interpreters run it. What a guard or an action does is not in a picture: guards are looked up by name in `guards`,
 * where whoever runs the document says which hold, delays that have a name in `delays`, and actions are logged. The machine is a state of its
 * own, because `<scxml>` hears nothing. What SCXML has no word for is kept in attributes of our namespace: names with signs in them, and what
 * is deferred.
 */
import { aliasesOf } from './aliases.ts'
import { isHistory, statesIn, staysIn, type State, type Transition, type Trigger } from './chart.ts'
import { escaped } from './escapes.ts'

/** The namespace of what SCXML has no word for. */
export const ownNamespace = 'urn:relock'

type Attributes = Readonly<Record<string, string | undefined>>

const element = (name: string, attributes: Attributes, inner: readonly string[] = []): string[] => {
  const written = Object.entries(attributes)
    .flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${escaped('scxml', value)}"`]))
    .join('')
  return inner.length === 0
    ? [`<${name}${written}/>`]
    : [`<${name}${written}>`, ...inner.map((line) => `  ${line}`), `</${name}>`]
}

/** A string of ECMAScript. */
const literal = (text: string): string => `'${text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'`

const logged = (actions: readonly string[]): string[] =>
  actions.flatMap((action) => element('log', { label: 'action', expr: literal(action) }))

/** Names of events may hold neither blanks nor most signs; `*` stands at the end, or alone. */
const eventName = (type: string): string => {
  if (type === '*') return type
  const [, name, all = ''] = /^(.*?)(\.\*)?$/s.exec(type)!
  return name!.replace(/[^\w.-]/gu, (sign) => `_x${sign.codePointAt(0)!.toString(16).toUpperCase()}_`) + all
}

/** An interpreter takes the first that fits, in the order of the document; XState the most particular. */
const inOrder = (transitions: readonly Transition[]): readonly Transition[] => {
  const rank = ({ trigger }: Transition): number =>
    trigger.kind === 'message' ? trigger.type.split('.').length - (trigger.type.endsWith('*') ? 0.5 : 0) : Infinity
  return transitions.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)))
}

/** The statechart of a machine, as an SCXML document. */
export const scxml = (chart: State): string => {
  const states = new Map(statesIn(chart).map((state) => [state.name, state]))
  const alias = aliasesOf(chart, ({ key }) => (/^[A-Za-z_]/.test(key) ? key : `_${key}`))
  const invoked = (state: string, actor: string): string => `${alias(state)}.${actor}`

  const eventOf = (trigger: Trigger, source: string): string | undefined => {
    switch (trigger.kind) {
      case 'message':
        return trigger.type
      case 'always':
        return undefined
      case 'after':
        return `after.${alias(source)}.${trigger.delay}`
      case 'done':
        return `done.state.${alias(source)}`
      case 'returned':
        return `done.invoke.${invoked(source, trigger.actor)}`
      case 'failed':
        return `error.invoke.${invoked(source, trigger.actor)}`
      case 'changed':
        return `changed.invoke.${invoked(source, trigger.actor)}`
    }
  }

  const transition = (each: Transition): string[] => {
    const { source, trigger, guard, actions } = each
    const { states: children } = states.get(source)!
    // A state without children that is neither left nor entered is, in SCXML, no target at all.
    const targets = staysIn(each) && children.length === 0 ? [] : each.targets
    const event = eventOf(trigger, source)
    const token = event === undefined ? undefined : eventName(event)
    return element(
      'transition',
      {
        event: token,
        cond: guard === undefined ? undefined : `guards[${literal(guard)}]`,
        target: targets.length === 0 ? undefined : targets.map(alias).join(' '),
        type: targets.length > 0 && staysIn(each) ? 'internal' : undefined,
        'relock:event': token === event ? undefined : event,
      },
      logged(actions),
    )
  }

  const timers = (state: State): readonly string[] => [
    ...new Set(state.transitions.flatMap(({ trigger }) => (trigger.kind === 'after' ? [trigger.delay] : []))),
  ]
  const started = (state: State, delay: string): string[] => {
    const event = eventName(`after.${alias(state.name)}.${delay}`)
    const time = /^\d+$/.test(delay) ? { delay: `${delay}ms` } : { delayexpr: `delays[${literal(delay)}]` }
    return element('send', { id: event, event, ...time })
  }

  const phase = (name: string, inner: readonly string[]): string[] =>
    inner.length === 0 ? [] : element(name, {}, inner)

  const drawn = (state: State): string[] => {
    const { name, key, kind, start, entry, exit, defers, invokes } = state
    const id = alias(name)
    const names = { id, 'relock:name': id === key ? undefined : key }
    if (isHistory(state)) {
      const type = kind === 'deep history' ? 'deep' : 'shallow'
      return element(
        'history',
        { ...names, type },
        element('transition', { target: state.otherwise.map(alias).join(' ') }),
      )
    }
    const plain = start !== undefined && start.actions.length === 0
    return element(
      kind === 'parallel' || kind === 'final' ? kind : 'state',
      {
        ...names,
        initial: plain ? alias(start.target) : undefined,
        'relock:defers': defers.length > 0 ? defers.join(', ') : undefined,
      },
      [
        ...(start && !plain
          ? element('initial', {}, element('transition', { target: alias(start.target) }, logged(start.actions)))
          : []),
        ...phase('onentry', [...logged(entry), ...timers(state).flatMap((delay) => started(state, delay))]),
        ...phase('onexit', [
          ...logged(exit),
          ...timers(state).flatMap((delay) => element('cancel', { sendid: eventName(`after.${id}.${delay}`) })),
        ]),
        ...invokes.flatMap((each) => {
          const token = eventName(each.id)
          const called = { id: invoked(name, token), 'relock:name': token === each.id ? undefined : each.id }
          return element('invoke', { ...called, src: `#${each.src}` })
        }),
        ...inOrder(state.transitions).flatMap(transition),
        ...state.states.flatMap(drawn),
      ],
    )
  }

  // A machine that comes to its end stops; a state that does so goes on hearing.
  const ends = chart.states.some(({ kind }) => kind === 'final') || chart.kind === 'parallel'
  const root = drawn(chart)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    ...element(
      'scxml',
      {
        xmlns: 'http://www.w3.org/2005/07/scxml',
        'xmlns:relock': ownNamespace,
        version: '1.0',
        datamodel: 'ecmascript',
        // An identifier: interpreters make code of it.
        name: alias(chart.name),
        initial: alias(chart.name),
      },
      [
        ...dataOf(chart),
        ...(ends ? root.toSpliced(-1, 0, ...endOf(alias(chart.name))) : root),
        ...(ends ? ['<final id="_end"/>'] : []),
      ],
    ),
    '',
  ].join('\n')
}

const endOf = (root: string): string[] =>
  element('transition', { event: `done.state.${root}`, target: '_end' }).map((line) => `  ${line}`)

/** What holds and how long things take, for whoever runs the document: no guard holds until it is said. */
const dataOf = (chart: State): string[] => {
  const all = statesIn(chart).flatMap(({ transitions }) => transitions)
  const guards = [...new Set(all.flatMap(({ guard }) => guard ?? []))]
  const delays = [
    ...new Set(
      all.flatMap(({ trigger }) => (trigger.kind === 'after' && !/^\d+$/.test(trigger.delay) ? trigger.delay : [])),
    ),
  ]
  const object = (names: readonly string[], value: string): string =>
    `({ ${names.map((name) => `${literal(name)}: ${value}`).join(', ')} })`
  const data = [
    ...(guards.length > 0 ? element('data', { id: 'guards', expr: object(guards, 'false') }) : []),
    ...(delays.length > 0 ? element('data', { id: 'delays', expr: object(delays, "'1s'") }) : []),
  ]
  return data.length > 0 ? element('datamodel', {}, data) : []
}
