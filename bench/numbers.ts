/** Medians, and numbers as people read them. */

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2
  return {
    median: sorted.length % 2 === 0 ? median : sorted[Math.floor(middle)]!,
    least: sorted[0]!,
    most: sorted.at(-1)!,
  }
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en-US')
export const fixed = (value: number, digits = 1): string => value.toFixed(digits)
export const percent = (share: number): string => `${fixed(share * 100, share < 0.1 ? 1 : 0)} %`

/** `1.23 (1.20..1.41)` */
export const range = (values: readonly number[], digits = 2): string => {
  const { median, least, most } = spread(values)
  const said = fixed(median, digits)
  return values.length < 2 ? said : `${said} (${fixed(least, digits)}..${fixed(most, digits)})`
}

export const median = (values: readonly number[]): number => spread(values).median
