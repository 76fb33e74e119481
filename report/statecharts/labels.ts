/** The words in a picture, the same in every format that draws. */
import type { State, Transition, Trigger } from './chart.ts'

export const triggerLabel = (trigger: Trigger): string => {
  switch (trigger.kind) {
    case 'message':
      return trigger.type
    case 'always':
      return ''
    case 'after':
      return `after ${trigger.delay}`
    case 'done':
      return 'done'
    default:
      return `${trigger.actor} ${trigger.kind}`
  }
}

const does = (actions: readonly string[]): string => (actions.length === 0 ? '' : `/ ${actions.join(', ')}`)

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ')

/** `LOCK [isFree] / take, answer`, as UML has it. Empty where nothing is waited for, asked or done. */
export const transitionLabel = ({ trigger, guard, actions }: Transition): string =>
  joined(triggerLabel(trigger), guard === undefined ? '' : `[${guard}]`, does(actions))

export const startLabel = (actions: readonly string[]): string => does(actions)

/** What a state does while nothing happens, a line each. */
export const notesOf = ({ entry, exit, defers, invokes }: State): readonly string[] => [
  ...(entry.length > 0 ? [`entry ${does(entry)}`] : []),
  ...(exit.length > 0 ? [`exit ${does(exit)}`] : []),
  ...(defers.length > 0 ? [`defers ${defers.join(', ')}`] : []),
  ...invokes.map(({ id, src }) => (id === src ? `invokes ${src}` : `invokes ${src} as ${id}`)),
]
