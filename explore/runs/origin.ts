/** Which system a report or a run is of: they are plain data, and whoever draws their runs has to make them again. */
import type { System } from '../system.ts'

const origins = new WeakMap<object, System<any>>()

/** The same, and it is known where it came from. */
export const comingFrom = <Told extends object>(system: System<any>, told: Told): Told => {
  origins.set(told, system)
  return told
}

/** Undefined of a copy, or of what was read from a file. */
export const originOf = (told: object): System<any> | undefined => origins.get(told)
