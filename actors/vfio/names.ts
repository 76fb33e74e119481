/** What actors are called: as an admin would see them, and bare where there is only one container. */
export interface Names {
  /** The name of something that belongs to one container. */
  in(container: string, base: string): string
}

export const namesFor = (containers: readonly string[]): Names => ({
  in: (container, base) => (containers.length === 1 ? base : `${base}@${container}`),
})

/** A call: one activation of a procedure on behalf of a task. */
export const callName = (task: string, procedure: string): string => `${task}/${procedure}`
