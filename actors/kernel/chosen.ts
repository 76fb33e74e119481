/** Which protocol a subject has: its name, or that and what else is to be said of it. */
import { either, oneOf, record, type FieldsOf, type Shape } from '../../shapes/shape.ts'

/** A series as it was posted, or with what review and reasoning found repaired. */
export type As = 'posted' | 'repaired'

interface Protocol<Name extends string> {
  readonly protocol: Name
}

export const chosen = <Name extends string, Form extends Protocol<Name>>(
  names: readonly Name[],
  more: FieldsOf<Omit<Form, 'protocol'>>,
): Shape<Name | Form> => {
  const protocol = oneOf(names)
  const form = record<Form>({ protocol, ...more } as unknown as FieldsOf<Form>)
  return either(`${protocol.expected}, or ${form.expected}`, (given) =>
    typeof given === 'object' && given !== null ? form : protocol,
  )
}

/** The same with all that may be said; what is not said has its default. */
export const formOf = <Given extends string | Protocol<string>>(given: Given): Exclude<Given, string> =>
  (typeof given === 'string' ? { protocol: given } : given) as Exclude<Given, string>
