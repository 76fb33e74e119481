/** A scenario file whose top level waits for what never comes is told where it waits. */
import { createHook } from 'node:async_hooks'

export class NeverComes extends Error {
  constructor(stack: string) {
    super('waits for something that does not come')
    this.name = 'NeverComes'
    this.stack = stack
  }
}

/** Where promises of the user's began, for those that are rejected with something that knows no place. */
const begun = new WeakMap<object, string>()
export const begunAt = (promise: object): string => begun.get(promise) ?? ''

/**
 * Waits for `work` as long as there is something that could bring it about, and `limit` milliseconds after the last time that anything was
 * begun for it; otherwise throws a NeverComes whose stack is that of the last `await` that was reached in it. `isTheirs` says of a stack
 * whether it is one of the user's: what they do while they wait does not count.
 */
export const patiently = async <T>(
  work: () => Promise<T>,
  limit: number,
  isTheirs: (stack: string) => boolean,
): Promise<T> => {
  let reached = ''
  const hook = createHook({
    init(_, type, __, promise) {
      const { stack = '' } = new Error('await')
      if (!isTheirs(stack)) timer.refresh()
      else if (type === 'PROMISE') begun.set(promise, (reached = stack))
    },
  })
  let give = (): void => {}
  const never = new Promise<never>((_, reject) => (give = () => reject(new NeverComes(reached))))
  const timer = setTimeout(give, limit).unref()
  process.once('beforeExit', give)
  hook.enable()
  try {
    return await Promise.race([work(), never])
  } finally {
    hook.disable()
    clearTimeout(timer)
    process.off('beforeExit', give)
  }
}
