/** Processes and system calls, as a part of a kernel. */
import type { Part } from '../subject.ts'
import { opShape, opShapes } from './op-shape.ts'
import type { Op } from './op.ts'
import {
  callsAreTheirs,
  movesForCertain,
  namesMeanSomething,
  nothingOfCases,
  nothingMadeOnTheWay,
  strayAfter,
  threadsAreThere,
} from './check.ts'

export const systemCallsPart: Part<Op> = {
  field: 'systemCalls',
  seenAs: 'system',
  about: 'that a process makes',
  example: "systemCalls: '6.1'",
  by: 'op',
  call: opShape.expected,
  calls: opShapes,
  named: () => [],
  rules: [threadsAreThere, namesMeanSomething, nothingOfCases, callsAreTheirs, nothingMadeOnTheWay, movesForCertain],
  stray: strayAfter,
}
