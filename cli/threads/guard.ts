/** A scenario file cannot end the program: what would end its thread, or the process, is told with its place. */
import { syncBuiltinESMExports } from 'node:module'

/** `left` is called instead, with the call as it was written and the stack it was made on; then the thread ends. */
export const guard = (left: (call: string, stack: string) => void): void => {
  const exit = process.exit.bind(process)
  const kill = process.kill.bind(process)
  const leave = (call: string): never => {
    left(call, new Error(call).stack ?? '')
    return exit()
  }
  process.exit = (code) => leave(`process.exit(${code ?? ''})`)
  process.kill = (pid, signal) => {
    // To itself, or to a group that it is in; signal 0 only asks whether somebody is there.
    if ((pid === process.pid || pid <= 0) && signal !== 0) leave(`process.kill(${pid}, ${JSON.stringify(signal)})`)
    return kill(pid, signal)
  }
  // `import { exit } from 'node:process'` as well.
  syncBuiltinESMExports()
}
