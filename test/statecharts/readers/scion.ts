/** SCION, an interpreter of SCXML: what a document does, not what it says. */
import { core, documentStringToModel } from '@scion-scxml/scxml'

export interface Running {
  /** Ids of the states without children that it is in. */
  readonly states: () => readonly string[]
  readonly send: (name: string) => void
}

type Interpreter = InstanceType<typeof core.Statechart>

/** Starts a document in which these guards hold and no others. */
export const runScxml = async (document: string, holds: readonly string[]): Promise<Running> => {
  const text = holds.reduce((so, name) => so.replace(`'${name}': false`, `'${name}': true`), document)
  const interpreter = await new Promise<Interpreter>((resolve, reject) => {
    documentStringToModel('', text, (error, model) => {
      if (error !== null) return reject(error)
      model.prepare((problem, prepared) => {
        if (problem) return reject(problem)
        return resolve(new core.Statechart(prepared, { console: () => {} }))
      })
    })
  })
  interpreter.start()
  return {
    states: () => interpreter.getConfiguration().toSorted(),
    send: (name) => void interpreter.gen(name),
  }
}
