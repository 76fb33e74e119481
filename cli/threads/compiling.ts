/**
 * What users wrote is compiled in one thread for all that search: each of them would load the compiler for itself, which takes longer than to
 * compile a scenario.
 */
import { createRequire } from 'node:module'
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type * as Compiler from 'jiti'
import { compiledAs, type Compile } from '../../scenarios/modules.ts'

/** For a thread that has work compiled: where it asks, and what it waits at. */
export interface Compiling {
  readonly port: MessagePort
  readonly answered: Int32Array
}

/** Compiles for threads, each module once as long as it stays as it is. */
export const compiler = (): (() => Compiling) => {
  const known = new Map<string, { readonly asked: string; readonly code: string | undefined }>()
  let compile: Compile | undefined
  const load = (): Compile => {
    const { createJiti } = createRequire(import.meta.url)('jiti') as typeof Compiler
    return createJiti(import.meta.url, compiledAs).transform
  }
  const codeOf = (given: Compiler.TransformOptions): string | undefined => {
    const [file, asked] = [given.filename ?? '', JSON.stringify(given)]
    const before = known.get(file)
    if (before?.asked === asked) return before.code
    let code: string | undefined
    try {
      code = (compile ??= load())(given)
    } catch {
      // Whoever has asked tries by himself, and tells of it.
    }
    known.set(file, { asked, code })
    return code
  }
  return () => {
    const { port1, port2 } = new MessageChannel()
    const answered = new Int32Array(new SharedArrayBuffer(4))
    port1.on('message', (given: Compiler.TransformOptions) => {
      port1.postMessage(codeOf(given))
      Atomics.store(answered, 0, 1)
      Atomics.notify(answered, 0)
    })
    port1.unref()
    return { port: port2, answered }
  }
}

/** Has it compiled, and waits: modules are read one after the other. */
export const compiledElsewhere =
  ({ port, answered }: Compiling) =>
  (given: Compiler.TransformOptions): string | undefined => {
    Atomics.store(answered, 0, 0)
    port.postMessage(given)
    Atomics.wait(answered, 0, 0)
    return (receiveMessageOnPort(port) as { readonly message: string | undefined }).message
  }
