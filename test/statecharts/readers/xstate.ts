/** XState's own JSON: a machine again, and one that starts. */
import { createActor, createMachine, fromPromise } from 'xstate'
import type { AnyStateMachine } from 'xstate'

type Config = Parameters<typeof createMachine>[0]

export const readXState = (text: string): AnyStateMachine => createMachine(JSON.parse(text) as Config)

/** The module, with XState for what it imports. */
export const readXStateModule = (text: string): AnyStateMachine => {
  const body = text
    .replace(/^import \{ createMachine(?:, fromPromise)? \} from 'xstate'\n/, '')
    .replace('export const machine =', 'return')
  // oxlint-disable-next-line typescript/no-implied-eval -- it is read as a program
  const module = new Function('createMachine', 'fromPromise', body) as (...its: unknown[]) => AnyStateMachine
  return module(createMachine, fromPromise)
}

/** As it is, and nothing else. */
export const startXStateModule = (text: string): string => {
  const actor = createActor(readXStateModule(text))
  let failed: unknown
  actor.subscribe({ error: (error: unknown) => (failed = error) })
  actor.start()
  const { status } = actor.getSnapshot()
  actor.stop()
  if (failed !== undefined) throw failed
  return status
}

/** The same of JSON, of which nobody has said what its names mean. */
export const startsBare = (text: string): boolean => {
  const actor = createActor(readXState(text))
  let failed = false
  actor.subscribe({ error: () => (failed = true) })
  actor.start()
  actor.stop()
  return !failed
}

/** Implementations are not in it, so none of the guards that it names holds. */
export const startXState = (text: string): string => {
  const guards: Record<string, () => boolean> = {}
  const config: unknown = JSON.parse(text, (key, value: unknown) => {
    if (key === 'guard' && typeof value === 'string') guards[value] = () => false
    return value
  })
  const actor = createActor(createMachine(config as Config).provide({ guards })).start()
  const { status } = actor.getSnapshot()
  actor.stop()
  return status
}
