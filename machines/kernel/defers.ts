/**
 * Messages that a state leaves at the head of their lane (UML: deferred), for its `meta`: by type; or by type as long as a guard of the machine
 * does not hold for the message.
 */
export type Defers = readonly (string | { readonly type: string; readonly unless: string })[]
