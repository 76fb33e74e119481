/** What nobody in the world decides: both ways are gone, in runs of their own. */
import { either as machine, eitherFacts } from '../../machines/kernel/either.ts'
import { callName } from '../names.ts'
import { side } from '../../machines/kernel/side.ts'
import type { ThreadObject } from '../object.ts'
import { asking, inOrder, type Step } from '../step.ts'

/** The choices of a thread among so many ways. */
const choices = (ways: number): ThreadObject => ({
  name: ways === 2 ? 'either' : `one of ${ways}`,
  actors: (id) => {
    const sides = Array.from({ length: ways }, (_, n) => ({ id: `${id} (${n + 1})`, n }))
    return {
      actors: [
        { id, machine, input: {}, lock: eitherFacts },
        ...sides.map(({ id, n }) => ({ id, machine: side, input: { side: n } })),
      ],
      start: sides.map(({ id: from, n }) => ({ to: id, message: { type: 'SIDE', from, side: n, quiet: true } })),
    }
  },
})

/** One of these ways, whichever: every search goes all of them. */
export const either = <L>(...ways: readonly (readonly Step<L>[])[]): Step<L> => {
  const own = choices(ways.length)
  return asking(
    {
      says: 'either',
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
