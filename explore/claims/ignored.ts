/** A message that its receiver neither handled nor deferred: often the bug, and always visible. */
import type { IgnoredReport } from '../outcome/report.ts'
import type { Finding } from '../system.ts'
import type { Entry, Tables } from '../states/tables.ts'

export function ignoredBy(tables: Tables, entry: Entry): IgnoredReport {
  const component = tables.components[entry.component]!
  const { state } = component.show(tables.locals[entry.component]![entry.local])
  return { component: component.id, state, type: tables.messages[entry.component]![entry.message]!.type }
}

/** The finding it is where ignoring is not allowed. */
export const unexpected = ({ component, state, type }: IgnoredReport): Finding => ({
  kind: 'warn',
  title: `unexpected message: ${component} ignores ${type} in state ${state}`,
  fatal: false,
  object: component,
})
