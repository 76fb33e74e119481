/** Following a pointer that leads nowhere. */
import { crash, type Found } from '../machines/say.ts'

/** Stands where an actor's id should be. */
export interface Null {
  readonly says: (site: string) => Found
}

/** `path` is what was followed: `req->lock`. */
export const nullPointer = (path: string): Null => ({
  says: (site) => crash('bug', `kernel NULL pointer dereference in ${site}`, { detail: `${path} is read of NULL` }),
})

export const isThere = (target: string | Null): target is string => typeof target === 'string'
