/** What an operation of a story may be: the one table of operations (operations.ts), as a shape. */
import {
  ofKind,
  oneOf,
  optional,
  record,
  that,
  type FieldsOf,
  type Optional,
  type Shape,
} from '../../../shapes/shape.ts'
import { expectedOf, fits } from './fields.ts'
import { inventory } from './inventory.ts'
import type { Op } from './op.ts'
import { common, operations, type Field } from './operations.ts'

const device = oneOf(inventory.map(({ id }) => id))

function fieldShape(field: Field): Shape<any> | Optional<any> {
  const { type, needed, oneOf: values } = field
  const shape: Shape<any> =
    values !== undefined
      ? oneOf(values)
      : type === 'dev'
        ? device
        : that(expectedOf(field), (given) => fits(given, field))
  return needed ? shape : optional(shape)
}

const shapeOf = (op: string): Shape<Op> => {
  const fields: Record<string, Shape<any> | Optional<any>> = { op: oneOf([op]) }
  for (const [name, field] of Object.entries({ ...operations[op], ...common })) fields[name] = fieldShape(field)
  return record<Op>(fields as FieldsOf<Op>)
}

/** By their names. */
export const opShapes: Readonly<Record<string, Shape<Op>>> = Object.fromEntries(
  Object.keys(operations).map((op) => [op, shapeOf(op)]),
)

export const opShape = ofKind<Op, 'op'>('op', opShapes, "an operation, as { op: 'open_container', as: 'c0' }")
