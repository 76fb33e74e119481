/** What a world has already, to be called by procedures of one's own. */
import { createMachine } from 'xstate'
import type { Procedure } from './procedure.ts'

/**
 * A procedure of relock's, by the name it has in the world that is joined: `builtIn('unmap')`, `builtIn('mdev0.pin')`. It is relock's own also
 * where something else has taken its place, so what takes the place of it can call it. Reports say `__unmap`, as the kernel calls the inner one
 * of two functions. Its arguments are what its machine is asked with: addresses and sizes are bigints.
 */
export const builtIn = (name: string): Procedure => ({
  name: `__${name}`,
  builtIn: name,
  // Stands for the machine of the world that is joined.
  machine: createMachine({ id: `__${name}`, initial: 'elsewhere', states: { elsewhere: {} } }),
  input: {},
  uses: [],
  calls: [],
})
