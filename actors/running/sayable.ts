/** What a machine emits, looked at: one of the things that a machine may say, and whole. */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { ModelError } from '../../explore/errors.ts'
import type { Said } from '../../machines/say.ts'

/** Who says it, and where in his chart he is. */
export interface Speaker {
  readonly id: string
  readonly machine: AnyStateMachine
  readonly at: AnyMachineSnapshot
}

const isText = (x: unknown): boolean => typeof x === 'string' && x !== ''
const isFlag = (x: unknown): boolean => typeof x === 'boolean'
const isMessage = (x: unknown): boolean => typeof x === 'object' && x !== null && 'type' in x && isText(x.type)

type Test = readonly [field: string, is: (x: unknown) => boolean, expected: string]

/** By type: what has to be in it, and how it is made. */
const sayable: Readonly<Record<Said['type'], { readonly tests: readonly Test[]; readonly right: string }>> = {
  send: {
    tests: [
      ['to', isText, 'the id of an actor'],
      ['message', isMessage, 'a record with a type'],
    ],
    right: "emit(() => send('m', 'LOCK', { task: 'a' }))",
  },
  finding: {
    tests: [
      ['kind', isText, 'a word of the kernel, as warn'],
      ['title', isText, 'a text'],
      ['fatal', isFlag, 'true or false'],
    ],
    right: "emit(() => complain('warn', 'what is wrong'))",
  },
  note: {
    tests: [
      ['object', isText, 'the name of an object'],
      ['what', isText, 'a text'],
    ],
    right: "emit(() => note('m', 'taken'))",
  },
  memory: {
    tests: [
      ['act', isText, 'alloc, free, use or count'],
      ['object', isText, 'the name of an object'],
      ['cache', isText, 'the name of a struct'],
      ['live', isFlag, 'true or false'],
    ],
    right: "emit(() => used('req0#1', 'req', { site: 'complete', live: true }))",
  },
}

/** Throws a ModelError, with the place in the chart, when this is nothing that a machine may say. */
export function mustBeSayable(speaker: Speaker, said: unknown): void {
  const type = typeof said === 'object' && said !== null && 'type' in said ? String(said.type) : undefined
  if (type === undefined || !Object.hasOwn(sayable, type)) {
    // A message that was emitted as it stands is what is meant most often.
    const to = typeof said === 'object' && said !== null && 'to' in said ? String(said.to) : 'm'
    const right = `emit(() => send('${to}', '${type ?? 'LOCK'}', { task: 'a' }))`
    throw wrong(speaker, `emits ${textOf(said)}, which is nothing that a machine may say`, right)
  }
  const { tests, right } = sayable[type as Said['type']]
  const fields = said as Readonly<Record<string, unknown>>
  const failing = tests.find(([field, is]) => !is(fields[field]))
  if (failing === undefined) return
  const [field, , expected] = failing
  throw wrong(speaker, `emits a ${type} whose ${field} is ${textOf(fields[field])}, not ${expected}`, right)
}

/** As it was written, near enough. */
function textOf(x: unknown): string {
  try {
    return JSON.stringify(x) ?? String(x)
  } catch {
    return typeof x
  }
}

const wrong = ({ id, machine, at }: Speaker, what: string, right: string): ModelError =>
  new ModelError(
    'bad-machine',
    `The machine of ${id} ${what}.`,
    [
      ['machine', machine.id],
      ['state', typeof at.value === 'string' ? at.value : JSON.stringify(at.value)],
      [
        'rule',
        'A machine emits messages (send), findings (complain, crash), notes (note) and what it does to memory (used, counted, freed …).',
      ],
    ],
    `Instead: ${right}.`,
  )
