/** Every machine says what of the kernel it is, and nothing else is said to be one. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { catalogue } from '../../machines/catalogue.ts'
import { standsFor } from '../../machines/stands-for.ts'
import { listMachines } from '../../report/machines.ts'
import { makePage } from '../../report/style.ts'
import { root } from '../docs/pages.ts'

test('those that are listed are those that there are', () => {
  expect(Object.keys(standsFor).toSorted()).toEqual(Object.keys(catalogue).toSorted())
  expect(Object.values(standsFor).filter((is) => is.trim() !== is || is.length < 4)).toEqual([])
})

test('a machine is found by its name: it is that of its file, behind that of a folder where two files have one name', () => {
  const files = readdirSync(join(root, 'machines'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length).split('/'))
  const isOf = (name: string, folders: readonly string[]): boolean => {
    const [last, folder] = name.split('/').toReversed()
    return folders.at(-1) === last && (folder === undefined || folders.slice(0, -1).includes(folder))
  }
  expect(Object.keys(catalogue).filter((name) => !files.some((file) => isOf(name, file)))).toEqual([])
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
