/** Stacks that no error carries, asked of the debugger: where the other thread is just now, and where something was thrown. */
import { Session } from 'node:inspector'
import { setTimeout as after } from 'node:timers/promises'
import { used } from './watchdog.ts'

interface Frame {
  readonly functionName: string
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number }
}

/** The debugger's word for what was thrown: of errors `subtype` says that they are. */
interface Thrown {
  readonly subtype?: string
}

/** Scripts by number, as the debugger tells them before it speaks of them. */
class Scripts {
  readonly #urls = new Map<string, string>()

  meet({ scriptId, url }: { readonly scriptId: string; readonly url: string }): void {
    this.#urls.set(scriptId, url)
  }

  /** As an error would print it. */
  stack(frames: readonly Frame[]): string {
    return frames
      .map(({ functionName, location: { scriptId, lineNumber, columnNumber = 0 } }) => {
        const place = `${this.#urls.get(scriptId)}:${lineNumber + 1}:${columnNumber + 1}`
        return `    at ${functionName === '' ? place : `${functionName} (${place})`}`
      })
      .join('\n')
  }
}

type Heard =
  | { readonly method: 'Debugger.scriptParsed'; readonly params: { readonly scriptId: string; readonly url: string } }
  | { readonly method: 'Debugger.paused'; readonly params: { readonly callFrames: readonly Frame[] } }

const look = 250

/** After so many milliseconds in a row in which this process used no CPU: of a busy machine even one that goes round gets little, but some. */
const quiet = async (patience: number): Promise<undefined> => {
  for (let silent = 0; silent < patience;) {
    const before = used()
    await after(look, undefined, { ref: false })
    silent = used() - before < 0.005 ? silent + look : 0
  }
}

/**
 * The stack of another thread of this process, even if it goes round for ever; undefined when it neither answers nor does anything for
 * `patience` milliseconds, because it waits in a call of the system. (`process.report` would tell as much, but waits as long as it takes.)
 */
export const whereIs = async (thread: number, patience = 2000): Promise<string | undefined> => {
  const session = new Session()
  const scripts = new Scripts()
  session.connect()
  const stack = new Promise<string>((found) => {
    session.on('NodeWorker.receivedMessageFromWorker', ({ params: { message } }) => {
      const heard = JSON.parse(message) as Heard
      if (heard.method === 'Debugger.scriptParsed') scripts.meet(heard.params)
      if (heard.method === 'Debugger.paused') found(scripts.stack(heard.params.callFrames))
    })
  })
  let ask: (...methods: readonly string[]) => void = () => {}
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
    if (!workerInfo.title.startsWith(`[worker ${thread}]`)) return
    ask = (...methods) => {
      for (const [id, method] of methods.entries())
        session.post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify({ id, method }) })
    }
    ask('Debugger.enable', 'Debugger.pause')
  })
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  const found = await Promise.race([stack, quiet(patience)])
  // It goes on from there: nothing ends a thread that the debugger holds.
  ask('Debugger.resume', 'Debugger.disable')
  session.disconnect()
  return found
}

/** Sees whatever is thrown in this thread until it is closed, caught or not, and is no error: those know where they are from. */
export class Throws {
  readonly #session = new Session()
  readonly #scripts = new Scripts()
  /** Of the last one. */
  stack = ''

  constructor() {
    this.#session.connect()
    this.#session.on('Debugger.scriptParsed', ({ params }) => this.#scripts.meet(params))
    this.#session.on('Debugger.paused', ({ params: { data, callFrames } }) => {
      if ((data as Thrown | undefined)?.subtype !== 'error') this.stack = this.#scripts.stack(callFrames)
    })
    this.#session.post('Debugger.enable')
    this.#session.post('Debugger.setPauseOnExceptions', { state: 'all' })
  }

  close(): void {
    this.#session.disconnect()
  }
}
