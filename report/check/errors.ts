/** Slips in what `relock check` is given. */
import { UserError } from '../user-error.ts'

const example = '{ "scenarios": ["races/*.ts"] } in relock.config.json'

export const noConfig = (places: readonly string[]): UserError =>
  new UserError('There is no configuration of relock, here or above.', {
    evidence: [`Looked for: ${places.join(', ')}; of package.json the field "relock".`],
    attempt: example,
  })

export const unreadableConfig = (path: string, why: string): UserError =>
  new UserError(`${path} cannot be read.`, { evidence: [why.split('\n')[0] ?? why], attempt: example })

export const wrongConfig = (path: string, fault: string, expected: string): UserError =>
  new UserError(`${path}: ${fault}.`, { evidence: [`expected  ${expected}`], attempt: example })

export const nothingToCheck = (globs: readonly string[]): UserError =>
  new UserError('No file is named by these globs.', { evidence: globs, attempt: example })

export const wrongBaseline = (path: string, why: string): UserError =>
  new UserError(`${path} is no baseline.`, { evidence: [why], attempt: 'npx relock check --accept' })
