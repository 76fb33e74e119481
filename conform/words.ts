/** Operations, results and places of cases, as a person reads them. */
import { iommuWords } from '../actors/kernel/iommu.ts'
import type { Op, Result } from './case.ts'
import type { Subject } from './report.ts'

const word = (x: unknown): string => (typeof x === 'string' && /^[^\s"=]+$/.test(x) ? x : JSON.stringify(x))

const pairs = (bag: Readonly<Record<string, unknown>>, without: readonly string[]): string =>
  Object.entries(bag)
    .filter(([name]) => !without.includes(name))
    .map(([name, x]) => `${name}=${word(x)}`)
    .join(' ')

/** `map_dma fd=c0 iova=0x0 size=0x1000`, and who made it if it was not p0. */
export const opWords = (op: Op): string => `${op.op} ${pairs(op, ['op'])}`.trim()

/** `ret=-1 err=EINVAL`, in the order of another result to be read beside it; fields that are worth nothing stand without a value. */
export const resultWords = (given: Result, beside: Result = {}): string => {
  const { unknown = [] } = given
  const common = Object.keys(beside).filter((field) => field in given)
  const result = { ...Object.fromEntries(common.map((field) => [field, given[field]])), ...given }
  return [pairs(result, ['unknown', ...unknown]), ...unknown.map((field) => `${field}=?`)].join(' ').trim()
}

/** `7.2`, and what is not known of it from a recording. */
export const kernelWords = ({ profile, iommu }: Pick<Subject, 'profile' | 'iommu'>): string => {
  const other = iommuWords(iommu)
  return other === undefined ? profile : `${profile}, ${other}`
}

/** The same where the kernel need not be told. */
export const apartWords = ({ iommu }: Pick<Subject, 'iommu'>): string => {
  const other = iommuWords(iommu)
  return other === undefined ? '' : ` · ${other}`
}

/** `map.two_pages · hand-map.jsonl:12` */
export const placeWords = ({ name, file, line }: Subject): string =>
  file === undefined ? name : `${name} · ${file}:${line}`
