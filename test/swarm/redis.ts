/** A Redis of one's own, if this machine has it: on a free port, in a folder of its own. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const found = (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
  try {
    accessSync(join(folder, 'redis-server'), constants.X_OK)
    return true
  } catch {
    return false
  }
})

/** Without it these tests are not run, unless they must be (RELOCK_REDIS=must). */
export const redisIsThere = found || process.env['RELOCK_REDIS'] === 'must'

if (!redisIsThere)
  process.stderr.write(
    'The tests of many machines are NOT RUN: there is no Redis here (apt-get install redis-server).\n',
  )

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

export class OwnRedis {
  readonly folder = mkdtempSync(join(tmpdir(), 'relock-redis-'))
  readonly port: number
  readonly #options: readonly string[]
  #process: ChildProcess | undefined

  private constructor(port: number, options: readonly string[]) {
    this.port = port
    this.#options = options
  }

  /** It writes down what it is told, as Debian's does when `appendonly` is set. */
  static async start({
    password,
    tls,
  }: { readonly password?: string; readonly tls?: true | 'mutual' } = {}): Promise<OwnRedis> {
    const port = await freePort()
    const redis = new OwnRedis(port, [
      ...['--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes'],
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...(tls
        ? ['--port', '0', '--tls-port', `${port}`, '--tls-auth-clients', tls === 'mutual' ? 'yes' : 'no']
        : ['--port', `${port}`]),
      ...(tls
        ? ['--tls-cert-file', 'redis.crt', '--tls-key-file', 'redis.key', '--tls-ca-cert-file', 'redis.crt']
        : []),
    ])
    if (tls) redis.#certify()
    await redis.begin()
    return redis
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  get certificate(): string {
    return join(this.folder, 'redis.crt')
  }

  get key(): string {
    return join(this.folder, 'redis.key')
  }

  #certify(): void {
    const words = 'req -x509 -newkey rsa:2048 -nodes -days 2 -keyout redis.key -out redis.crt -subj /CN=localhost'
    const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    execFileSync('openssl', [...words.split(' '), ...names], { cwd: this.folder, stdio: 'ignore' })
  }

  /** Resolves once it answers. */
  async begin(): Promise<void> {
    const child = spawn('redis-server', this.#options, { cwd: this.folder })
    this.#process = child
    await new Promise<void>((resolve, reject) => {
      let said = ''
      child.stdout.on('data', (text: Buffer) => {
        said += text.toString()
        if (said.includes('Ready to accept connections')) resolve()
      })
      child.on('exit', () => reject(new Error(`redis-server has ended:\n${said}`)))
    })
  }

  /** As when the power fails: it is told nothing. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  async forget(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
