/**
 * Serves a page on this machine alone, with what is known behind it. Whoever asks must know a word that is made up anew each time, and must
 * have meant this machine by its own name: another page in the same browser can do neither.
 */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Served {
  /** The page, and what it carries, as they are now. */
  page(): string
  data(): string
  /** Learns what comes after these choices of a run of a model. Throws when there is no such run. */
  learn(model: number, choices: readonly number[]): void
}

const here = '127.0.0.1'

export class PageServer {
  readonly #served: Served
  readonly #word = randomBytes(18).toString('base64url')
  readonly #server: Server
  readonly #listeners = new Set<ServerResponse>()
  #last: string | undefined

  constructor(served: Served) {
    this.#served = served
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  /** Where it is to be seen. Rejects when the port is taken. */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, here, resolve)
    })
    return `http://${this.#host}/${this.#word}/`
  }

  /** Told to everybody who looks, and at once to whoever comes. */
  tell(event: 'progress' | 'changed', about: unknown = null): void {
    this.#last = `event: ${event}\ndata: ${JSON.stringify(about)}\n\n`
    for (const listener of this.#listeners) listener.write(this.#last)
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  get #host(): string {
    return `${here}:${(this.#server.address() as AddressInfo).port}`
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const [path = '', query = ''] = (request.url ?? '').split('?')
    const [, word, what = '', ...more] = path.split('/')
    if (request.headers.host !== this.#host || word !== this.#word || more.length > 0) return refuse(response, 404)
    const asked = `${request.method} ${what}`
    if (asked === 'GET ') return send(response, 'text/html; charset=utf-8', this.#served.page())
    if (asked === 'GET data') return send(response, 'application/json', this.#served.data())
    if (asked === 'GET events') return this.#listen(request, response)
    if (asked === 'POST learn') return this.#learn(new URLSearchParams(query), response)
    refuse(response, 404)
  }

  #listen(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { ...always, 'content-type': 'text/event-stream' })
    response.write(this.#last ?? '\n')
    this.#listeners.add(response)
    request.on('close', () => this.#listeners.delete(response))
  }

  #learn(query: URLSearchParams, response: ServerResponse): void {
    const choices = query.get('choices') ?? ''
    const model = Number(query.get('model'))
    if (!/^(?:\d{1,9}(?:\.\d{1,9})*)?$/.test(choices) || !Number.isInteger(model)) return refuse(response, 400)
    try {
      this.#served.learn(model, choices === '' ? [] : choices.split('.').map(Number))
    } catch {
      return refuse(response, 400)
    }
    send(response, 'application/json', this.#served.data())
  }
}

const always = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

const send = (response: ServerResponse, type: string, text: string): void => {
  response.writeHead(200, { ...always, 'content-type': type })
  response.end(text)
}

const refuse = (response: ServerResponse, code: number): void => {
  response.writeHead(code, always)
  response.end()
}
