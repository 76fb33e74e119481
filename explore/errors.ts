/** The model itself is wrong: not a finding about the system, but a reason not to believe any. */
export class ModelError extends Error {
  readonly problem:
    | 'nondeterministic'
    | 'unknown-receiver'
    | 'not-json-like'
    | 'speaks-at-start'
    | 'bad-schedule'
    | 'unknown-actor'
    | 'bad-description'
    | 'bad-property'
    | 'bad-machine'
    | 'unknown-message'
    | 'too-large'
    | 'bad-component'
    | 'merged-states'
    | 'order-of-fields'
    | 'other-checkpoint'
    | 'bad-checkpoint'
    | 'checkpoint-in-use'
    | 'bad-disk'
  /** Lines of evidence below the sentence, as pairs of a label and a text. */
  readonly evidence: readonly (readonly [label: string, text: string])[]
  readonly hint: string | undefined

  constructor(
    problem: ModelError['problem'],
    message: string,
    evidence: ModelError['evidence'] = [],
    hint?: string,
    options?: ErrorOptions,
  ) {
    super(
      [
        message,
        ...(evidence.length > 0 ? [''] : []),
        ...evidence.map(([label, text]) => `  ${label.padEnd(8)} ${text}`),
        ...(hint ? [`  ${hint}`] : []),
      ].join('\n'),
      options,
    )
    this.name = 'ModelError'
    this.problem = problem
    this.evidence = evidence
    this.hint = hint
  }
}
