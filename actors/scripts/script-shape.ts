/** What may stand in a script: calls of its family, and what parts the way between them. */
import {
  byName,
  either,
  listOf,
  oneOf,
  record,
  such,
  that,
  type Broken,
  type FieldsOf,
  type Shape,
} from '../../shapes/shape.ts'
import { placed, type Branch, type Choose, type Forever, type Leave, type MayFail, type Part } from './script.ts'

const mostCalls = 1000
/** More ways than that are choices of their own. */
const mostWays = 16

const errno: Shape<string> = that<string>(
  "a result that a call fails with, as '-ENOMEM'",
  (given) => typeof given === 'string' && /^-?\w[\w-]*$/.test(given),
)

const isDo = (given: unknown, what: string): boolean =>
  typeof given === 'object' && given !== null && (given as { readonly do?: unknown }).do === what

/** Calls one after the other, with choices, branches and loops among them. */
export function scriptShape<Call>(call: Shape<Call>): Shape<readonly Part<Call>[]> {
  const part: Shape<Part<Call>> = either(call.expected, (given) => {
    const control = Object.keys(controls).find((what) => isDo(given, what)) as keyof typeof controls | undefined
    return control === undefined ? call : controls[control]
  })
  const parts = listOf('a list of calls', part)
  const failing = such(
    record<MayFail<Call>>({
      do: oneOf(['mayFail']),
      call,
      errnos: listOf('results', errno),
    } as FieldsOf<MayFail<Call>>),
    ({ errnos }) =>
      errnos.length === 0
        ? { at: ['errnos'], fault: 'is empty', expected: 'one result at least that the call may fail with' }
        : undefined,
  )
  const controls = {
    choose: such(
      record<Choose<Call>>({ do: oneOf(['choose']), ways: listOf('a list of ways, each a list of calls', parts) }),
      ({ ways }) =>
        ways.length < 2 || ways.length > mostWays
          ? { at: ['ways'], fault: `cannot be ${ways.length}`, expected: `2 to ${mostWays} ways to choose from` }
          : undefined,
    ),
    branch: record<Branch<Call>>({
      do: oneOf(['branch']),
      call: either('a call, or one that may fail', (given) => (isDo(given, 'mayFail') ? failing : call)),
      returned: byName('what to do by what the call returned', parts),
      otherwise: parts,
    } as FieldsOf<Branch<Call>>),
    forever: such(record<Forever<Call>>({ do: oneOf(['forever']), round: parts }), ({ round: [first] }) =>
      first === undefined || isDo(first, 'leave')
        ? {
            at: ['round'],
            expected: 'a round that begins with a call or a choice',
            why: 'nobody could come in between',
          }
        : undefined,
    ),
    leave: record<Leave>({ do: oneOf(['leave']) }),
    mayFail: failing,
  }
  return such(parts, tooMany, (script) => strayLeave(script, []))
}

const tooMany = (script: readonly Part<unknown>[]): Broken | undefined =>
  placed(script).length > mostCalls ? { at: ['length'], expected: `${mostCalls} calls or fewer` } : undefined

/** Outside of a loop there is nothing to leave. */
function strayLeave(parts: readonly Part<unknown>[], at: readonly (string | number)[]): Broken | undefined {
  for (const [index, part] of parts.entries()) {
    const here = [...at, index]
    if (isDo(part, 'leave'))
      return { at: here, expected: 'a leave inside of a loop', why: 'there is no loop around it' }
    for (const [path, inside] of insideOf(part)) {
      const stray = strayLeave(inside, [...here, ...path])
      if (stray) return stray
    }
  }
  return undefined
}

/** Parts within a part that are in the same loop. */
function insideOf(part: Part<unknown>): readonly (readonly [readonly (string | number)[], readonly Part<unknown>[]])[] {
  if (isDo(part, 'choose')) return (part as Choose<unknown>).ways.map((way, index) => [['ways', index], way])
  if (!isDo(part, 'branch')) return []
  const { returned, otherwise } = part as Branch<unknown>
  return [
    ...Object.entries(returned).map(([ret, parts]) => [['returned', ret], parts] as const),
    [['otherwise'], otherwise],
  ]
}
