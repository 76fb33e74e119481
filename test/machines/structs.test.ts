/** Each struct of the kernel is one machine, but for those that are named with a reason. */
import { expect, test } from 'vitest'
import { catalogue } from '../../machines/catalogue.ts'
import { severalOf, structs } from '../../machines/structs.ts'

/** Procedures are called; this one is asked in the place of an object. */
const procedures = ['remove-dma']
const isCalled = (name: string): boolean => {
  const { root } = catalogue[name]!
  return (
    procedures.includes(name) ||
    [root, ...Object.values(root.states)].some(({ transitions }) => transitions.has('CALL'))
  )
}

test('whatever is no procedure says which struct it is', () => {
  expect(Object.keys(structs)).toEqual(
    Object.keys(catalogue)
      .filter((name) => !isCalled(name))
      .toSorted(),
  )
})

test('no struct is two machines, but for those that are named with a reason; and those are', () => {
  const all = Object.values(structs).flat()
  const twice = [...new Set(all.filter((struct, index) => all.indexOf(struct) !== index))]
  expect(twice.toSorted()).toEqual(Object.keys(severalOf).toSorted())
})

test('struct vfio_iommu is one', () => {
  expect(Object.entries(structs).flatMap(([name, those]) => (those.includes('vfio_iommu') ? name : []))).toEqual([
    'type1',
  ])
})
