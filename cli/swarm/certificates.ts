/** Who this is, and whom it trusts, where Redis speaks TLS: files, and options of the names that redis-cli has for them. */
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import * as errors from '../../report/swarm/errors.ts'

export interface CertificateFlags {
  /** Its own certificate, and the key to it. */
  readonly cert?: string
  readonly key?: string
  /** Of the authority that vouches for Redis, besides those that Node trusts where there is none. */
  readonly cacert?: string
}

export interface Certificates {
  readonly cert?: string
  readonly key?: string
  readonly ca?: string
}

/** Throws a UserError where a file is none, or the two do not belong to each other: a connection would only be refused. */
export const certificatesFrom = ({ cert, key, cacert }: CertificateFlags, url: string): Certificates | undefined => {
  if (cert === undefined && key === undefined && cacert === undefined) return undefined
  if (!url.startsWith('rediss:')) throw errors.noTls()
  if ((cert === undefined) !== (key === undefined)) throw errors.halfACertificate(cert === undefined ? 'cert' : 'key')
  const given = {
    ...(cert !== undefined && { cert: read('cert', cert) }),
    ...(key !== undefined && { key: read('key', key) }),
    ...(cacert !== undefined && { ca: read('cacert', cacert) }),
  }
  try {
    createSecureContext(given)
  } catch (cause) {
    throw errors.noCertificate(
      [cert, key, cacert].filter((path) => path !== undefined),
      (cause as Error).message,
    )
  }
  return given
}

const read = (option: string, path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw errors.unreadable(`--${option} ${path}`, (cause as Error).message)
  }
}
