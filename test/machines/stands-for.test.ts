/** Every machine says what of the kernel it is, and nothing else is said to be one. */
import { expect, test } from 'vitest'
import { catalogue } from '../../machines/catalogue.ts'
import { standsFor } from '../../machines/stands-for.ts'
import { listMachines } from '../../report/machines.ts'
import { makePage } from '../../report/style.ts'

test('those that are listed are those that there are', () => {
  expect(Object.keys(standsFor).toSorted()).toEqual(Object.keys(catalogue).toSorted())
  expect(Object.values(standsFor).filter((is) => is.trim() !== is || is.length < 4)).toEqual([])
})

test('what a machine is stands below its name, within the page', () => {
  const page = makePage({ columns: 60 })
  expect(listMachines([{ name: 'map', is: standsFor['map']! }], page)).toMatchInlineSnapshot(`
    "map
        vfio_dma_do_map, vfio_pin_map_dma, vfio_pin_pages_remote

      npx relock export mermaid <machine>
    "
  `)
})
