/** For tests that nothing more happens: whoever lets the event loop turn between steps has had every chance to go on. */
import { setImmediate as immediate } from 'node:timers/promises'

export const manyTurns = async (): Promise<void> => {
  for (let turn = 0; turn < 100; turn++) await immediate()
}
