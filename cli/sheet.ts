import type { Paper as Facts } from '../report/style.ts'

/** Writes for as long as somebody reads. What was found decides the exit code, whatever becomes of its telling. */
export class Sheet {
  readonly #stream: NodeJS.WriteStream
  #torn = false

  /** `torn` is told once why nothing more can be written, unless the reader has seen enough (`| head`). */
  constructor(stream: NodeJS.WriteStream, torn?: (why: string) => void) {
    this.#stream = stream
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!this.#torn && error.code !== 'EPIPE') torn?.(error.code ?? error.message)
      this.#torn = true
    })
  }

  get facts(): Facts {
    const { isTTY, columns } = this.#stream
    return { isTTY, ...(isTTY && columns > 0 && { columns }) }
  }

  write(text: string): void {
    if (!this.#torn) this.#stream.write(text)
  }
}
