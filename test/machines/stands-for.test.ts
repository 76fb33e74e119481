/** Every machine says what of the kernel it is, and nothing else is said to be one. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { catalogue } from '../../machines/catalogue.ts'
import { standsFor } from '../../machines/stands-for.ts'
import { structs } from '../../machines/structs.ts'
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

test('no two machines are the same', () => {
  const all = Object.values(standsFor)
  expect(all.filter((is, index) => all.indexOf(is) !== index)).toEqual([])
})

/** Functions that several procedures are, or speak of, each by why. */
const several: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'another form: of another time, or where iommufd stands for the container': {
    vfio_device_fops_release: [
      ...['release-cdev', 'release-device', 'release-device-compat', 'release-device-counted', 'release-file'],
    ],
    vfio_group_fops_release: ['leave-container', 'release-group', 'release-group-counted'],
    vfio_group_ioctl_get_device_fd: ['get-device-fd', 'get-device-fd-compat'],
    vfio_group_ioctl_unset_container: ['leave-container', 'unset-container'],
    vfio_lock_acct: ['account-later', 'give-back'],
    vfio_pci_dma_buf_move: ['move-bars', 'set-memory'],
    vfio_pin_pages: ['access-pin', 'mdev-pin', 'pin'],
    vfio_unpin_pages: ['access-unpin', 'mdev-unpin', 'unpin'],
    vfio_unregister_group_dev: ['unregister-device', 'unregister-device-counted'],
  },
  'two granularities (decision 362)': {
    do_exit: ['exit', 'exit-thread', 'life/exit'],
    exec_mmap: ['exec', 'life/exec'],
    exit_files: ['exit', 'exit-thread', 'life/exit'],
    exit_mm: ['exit', 'exit-thread', 'life/exit'],
    file_table: ['close-file', 'sva/close'],
    iommufd_access_pin_pages: ['access-pin', 'iommufd-pin'],
    iommufd_access_unpin_pages: ['access-unpin', 'iommufd-unpin'],
    vfio_dma_do_map: ['device-memory/map', 'map'],
    vfio_group_get_device_fd: ['get-device-fd-counted', 'open-file'],
    vfio_pin_map_dma: ['device-memory/map', 'pin-map'],
  },
  'it calls the other, or is called by it': {
    iommu_bind_task: ['alloc-pasid', 'bind-task'],
    mm_exit: ['release-mm', 'unbind-task'],
    mmput_async: ['handle-fault', 'mmput'],
    vfio_iommu_replay: ['attach-group', 'pin-map'],
  },
}

test('no function is two procedures, but for those that are named with a reason; and those are', () => {
  const procedures = new Map<string, string[]>()
  for (const [machine, is] of Object.entries(standsFor)) {
    if (machine in structs) continue
    const functions = is.match(/\b_*[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b/g) ?? []
    for (const each of new Set(functions)) procedures.set(each, [...(procedures.get(each) ?? []), machine])
  }
  const found = [...procedures].filter(([, machines]) => machines.length > 1)
  const named = Object.values(several).flatMap((functions) => Object.entries(functions))
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(named))
})

test('what a machine is stands below its name, within the page', () => {
  const page = makePage({ columns: 60 })
  expect(listMachines([{ name: 'map', is: standsFor['map']! }], page)).toMatchInlineSnapshot(`
    "map
        vfio_dma_do_map

      npx relock export mermaid <machine>
    "
  `)
})
