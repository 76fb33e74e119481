/** `relock watch`: a scenario file of the user's, explored again whenever it, or what it imports, is saved. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { KeptActors } from '../../actors/running/kept.ts'
import type { Component } from '../../explore/system.ts'
import * as errors from '../../report/errors.ts'
import { printJson } from '../../report/json.ts'
import { knownOf, sinceThen, type Known } from '../../report/since.ts'
import { exitCode, overall } from '../../report/verdict.ts'
import { counted, listed } from '../../report/words.ts'
import { Modules } from '../../scenarios/modules.ts'
import { Origins } from '../../scenarios/origins.ts'
import type { Desk } from '../desk.ts'
import { pageOf, withRuns, withSearch, type Done, type Flags } from '../flags.ts'
import { explored } from '../searched.ts'
import { asked, isPath, subjectOf } from '../subject.ts'
import { tell } from '../tell.ts'
import { telling } from '../telling.ts'

const watch = async (typed: string, flags: Flags, desk: Desk): Promise<number> => {
  const { name } = asked(typed, flags)
  if (!isPath(name)) throw errors.nothingToWatch(name)
  const file = resolve(name)
  const origins = new Origins()
  const modules = new Modules({ origins })
  const actors = new KeptActors((one, other) => origins.isSame(one, other))
  const page = pageOf(desk.out, desk.env, flags)
  // What a thread before this one knew went from it to the one that watches, and is what was handed over.
  let known = desk.rounds.before as Known | undefined
  let code = 0

  const round = async (): Promise<void> => {
    let signal = desk.rounds.read(modules.filesOf(file))
    try {
      const at = { ...desk, modules }
      const subject = await subjectOf(typed, flags, at, 'watch').finally(
        () => (signal = desk.rounds.read(modules.filesOf(file))),
      )
      const { scenario, choices } = subject
      actors.meet(scenario.world(choices))
      const report = await explored(subject, flags, { ...at, stop: signal })
      // What was saved meanwhile is told next.
      if (signal.aborted && !desk.stop.aborted) return
      const told = await telling(subject, { report, taken: [] }, flags, undefined)
      const now = knownOf(report)
      desk.out.write(flags.json ? printJson(told.document()) : `${known ? '\n' : ''}${told.text(page)}`)
      if (!flags.json && known) desk.out.write(`\n${sinceThen(known, now, page)}`)
      if (known) desk.err.write(askedAnew(scenario.system(choices).components, actors))
      known = now
      code = exitCode(overall(report))
    } catch (error) {
      code = tell(error, desk)
    }
  }

  for (let changed: readonly string[] | undefined = []; changed; changed = await desk.rounds.next(known)) {
    modules.forget(changed)
    await round()
    if (desk.stop.aborted) break
    desk.err.write(`${watching(name, modules.filesOf(file).filter(({ digest }) => digest !== undefined).length - 1)}\n`)
  }
  return code
}

const watching = (name: string, imported: number): string =>
  `Watching ${name}${imported > 0 ? ` and ${counted(imported, 'file')} of yours that it imports` : ''}. Ctrl-C ends.`

const fewest = 6

const askedAnew = (components: readonly Component[], actors: KeptActors): string => {
  const anew = components.filter((each) => !actors.isKept(each)).map(({ id }) => id)
  const kept = `${components.length - anew.length} of ${counted(components.length, 'actor')} as before`
  const more = anew.length > fewest ? [`${anew.length - fewest} more`] : []
  return `${kept}${anew.length === 0 ? '' : `; asked anew: ${listed([...anew.slice(0, fewest), ...more])}`}.\n`
}

export const watchCommand = (root: Command, desk: Desk, done: Done): Command =>
  withRuns(
    withSearch(
      root.command('watch <file>').description('a scenario file of your own, explored again whenever it is saved'),
    ),
  ).action(async (typed: string, flags: Flags) => done(await watch(typed, flags, desk)))
