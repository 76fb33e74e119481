/** An object answers whoever asked, on behalf of the same task. */
import { send, type Heard, type Sent } from '../say.ts'

export const answer = (asked: Heard, type: string, fields: Readonly<Record<string, unknown>> = {}): Sent =>
  send(asked.from, type, { task: asked.task, ...fields })
