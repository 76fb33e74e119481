/**
 * What is left out of the comparison, and why. Each rule is about one field of some operations; whatever it leaves out is counted and
 * shown. docs/FIDELITY.md lists them.
 */
import type { Op, Result } from './case.ts'

export interface Rule {
  /** The operation, or `*` for any. */
  readonly op: string
  /** The field, or `*` for any. */
  readonly field: string
  readonly reason: string
  /** Default: when relock says itself that the case does not determine this field. */
  readonly when?: (about: { readonly op: Op; readonly recorded: Result; readonly said: Result }) => boolean
}

/** The first that applies gives the reason. */
export const rules: readonly Rule[] = [
  {
    op: 'cfg_read',
    field: 'val',
    reason: 'chosen by the firmware or the emulated machine (where a BAR lies, ids of a card)',
  },
  { op: 'bar_read', field: 'val', reason: 'a register of the emulated device, which it may keep from case to case' },
  {
    op: 'peek',
    field: 'val',
    reason: 'memory, or a register of the emulated device, that holds what an earlier case left there',
  },
  { op: 'emu_rw', field: 'val', reason: 'memory that a device wrote out of what an earlier case left in it' },
  { op: 'region_info', field: '*', reason: 'whether the emulated card was given a ROM' },
  ...(
    [
      ['bind_iommufd', 'devid'],
      ['attach_pt', 'pt'],
    ] as const
  ).map(([op, field]): Rule => ({
    ...{ op, field },
    reason: 'the number iommufd gave, where the case does not say it',
    when: ({ recorded }) => recorded[field] === undefined,
  })),
  {
    op: '*',
    field: 'vmlck_kb',
    reason: 'locked memory that another process gives back, which may or may not be through by then',
  },
  { op: '*', field: '*', reason: 'content that the case does not determine' },
]

/** There is nothing to compare with. */
export const nothingExpected = 'the case expects nothing here'

export const whyNotCompared = (
  op: Op,
  field: string,
  recorded: Result,
  said: Result,
  among: readonly Rule[] = rules,
): string | undefined => {
  const isUnknown = said.unknown?.includes(field) ?? false
  return among.find(
    (rule) =>
      (rule.op === '*' || rule.op === op.op) &&
      (rule.field === '*' || rule.field === field) &&
      (rule.when?.({ op, recorded, said }) ?? isUnknown),
  )?.reason
}
