/** What nobody in the world decides: every way is gone, in runs of its own. */
import { choiceActors, choiceName } from '../../actors/scripts/choices.ts'
import { callName } from '../names.ts'
import type { ThreadObject } from '../object.ts'
import { asking, inOrder, keeping, type Step } from '../step.ts'
import type { Into } from '../place.ts'

/** The choices of a thread among so many ways. */
const choices = (ways: number): ThreadObject => ({ name: choiceName(ways), actors: (id) => choiceActors(id, ways) })

/** One of these ways, whichever: every search goes all of them. */
export const choose = <L>(...ways: readonly (readonly Step<L>[])[]): Step<L> => {
  const own = choices(ways.length)
  return asking(
    {
      says: 'choose',
      to: (_, task) => callName(task, own.name),
      type: 'CHOOSE',
      answers: {
        CHOSEN: ways.map((steps, n) => ({ if: ({ side }) => side === n, says: `${n + 1}`, does: inOrder(steps) })),
      },
      quiet: true,
      waits: 'unseen',
    },
    { own: [own] },
  )
}

/**
 * A step that is done, or fails and does nothing: `into` then holds one of these (an errno is a negative number or its name). Done, it holds
 * what the step leaves in it.
 */
export const mayFail = <L, T extends number | string>(
  step: Step<NoInfer<L>>,
  into: Into<L, T>,
  ...errnos: readonly NoInfer<T>[]
): Step<L> => choose<any>([step], ...errnos.map((errno) => [keeping(`${into} = ${errno}`, () => ({ [into]: errno }))]))
