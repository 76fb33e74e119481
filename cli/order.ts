/** `--order 'A before B'`: steps by name, or calls of tasks: what comes first is that a call returns, and what comes then that it is made. */
import { ModelError } from '../explore/errors.ts'
import { inOrder, type Sequence } from '../explore/runs/order.ts'
import type { System } from '../explore/system.ts'
import * as errors from '../report/errors.ts'

export const collected = (given: string, before: readonly string[] = []): readonly string[] => [...before, given]

/** Throws a UserError where it cannot be kept to. */
export const ordersOf = (given: readonly string[], system: System<any>): readonly Sequence[] => {
  const ids = system.components.map(({ id }) => id)
  const calls = ids.filter((id) => ids.includes(callerOf(id)))
  const orders = given.flatMap((each) => {
    const names = each.split(' before ').map((name) => name.trim())
    if (names.length < 2 || names.includes('')) throw errors.noOrder(each)
    return names
      .slice(1)
      .map((second, at): Sequence => [stepOf(names[at]!, 'returns', calls), stepOf(second, 'is made', calls)])
  })
  try {
    inOrder(system, [...orders, ...orders.flat().flatMap((step) => madeBefore(step, calls))])
  } catch (cause) {
    throw cause instanceof ModelError ? errors.refusedOrder(cause) : cause
  }
  return orders
}

/** A call is made before it returns, so that a circle of calls is one. */
function madeBefore(step: string, calls: readonly string[]): readonly Sequence[] {
  const [, call, nth = ''] = /^(\S+) → \S+ RETURN((?: #\d+)?)$/.exec(step) ?? []
  return call !== undefined && calls.includes(call) ? [[`${callerOf(call)} → ${call} CALL${nth}`, step]] : []
}

/** `vmm0` of `vmm0/unmap`. */
const callerOf = (call: string): string => call.slice(0, Math.max(0, call.lastIndexOf('/')))

function stepOf(name: string, when: 'returns' | 'is made', calls: readonly string[]): string {
  if (name.includes(' → ')) return name
  const [, call, nth = ''] = /^(.*?)((?: #\d+)?)$/.exec(name)!
  if (!calls.includes(call!)) throw errors.unknownCall(call!, calls)
  const caller = callerOf(call!)
  return when === 'returns' ? `${call} → ${caller} RETURN${nth}` : `${caller} → ${call} CALL${nth}`
}
