/** The signals of the threads that somebody sends some to, that look for some, or that wait for something only until one comes. */
import { ModelError } from '../explore/errors.ts'
import { signals as machine } from '../machines/kernel/locks/signals.ts'
import { nearest } from '../shapes/nearest.ts'
import type { Run } from './guards.ts'
import { signalsName } from './names.ts'
import type { Own } from './object.ts'
import type { Objects } from './objects.ts'

export function signalsOf(runs: readonly Run[], objects: Objects): readonly Own[] {
  const threads = runs.map(({ thread }) => thread)
  const concerned = runs.flatMap(({ thread, procedures }) =>
    procedures.flatMap(({ signals = [] }) => signals.map((each) => each || thread)),
  )
  const nobody = concerned.find((thread) => !threads.includes(thread))
  if (nobody !== undefined) throw noSuchThread(nobody, threads)
  return runs
    .filter(({ thread }) => concerned.includes(thread))
    .map(({ thread, procedures }) => {
      const killable = procedures.flatMap(({ manners = [] }) => manners.filter(({ manner }) => manner === 'killable'))
      const waits = [...new Set(killable.flatMap(({ object }) => objects.idsOf(object)))]
      return { actors: [{ id: signalsName(thread), machine, input: { thread, waits } }] }
    })
}

function noSuchThread(name: string, threads: readonly string[]): ModelError {
  const guess = nearest(name, threads)
  return new ModelError(
    'bad-description',
    `There is no thread "${name}" to send a signal to.${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    [['threads', threads.join(', ')]],
    'A signal is sent to one of the threads of the world.',
  )
}
