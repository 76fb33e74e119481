/** What of the kernel each machine is: its function or struct, in the words of docs/FIDELITY.md, which says more. */
export const standsFor: Readonly<Record<string, string>> = {
  'access-copy': 'vfio_dma_rw where iommufd stands for the container; vfio_dma_rw, iommufd_access_rw (7.x)',
  'access-pin': 'vfio_pin_pages where iommufd stands for the container; iommufd_access_pin_pages (7.x)',
  'access-unpin': 'vfio_unpin_pages where iommufd stands for the container; iommufd_access_unpin_pages (7.x)',
  accesses: 'iommufd_access and its short-term references; destroy waits for them',
  'account-later':
    'Locked memory is given back, or charged (a negative number of pages), as up to 4.11; Linux 4.10 vfio_lock_acct, vfio_lock_acct_bg',
  'alloc-pasid': "iommu_bind_task's IDR (2017), iommu_alloc_global_pasid: the lowest that is free, -ENOSPC",
  'api-version': 'VFIO_GET_API_VERSION',
  areas: 'mm/mmap.c (__split_vma, copy_vma), 5.8 to 6.9',
  'asked-call':
    'A system call that a procedure of one’s own makes: it asks with what was said beforehand, and keeps what the kernel returned',
  'attach-device':
    'Attaches a device that is bound to an iommufd file to one of its IOASes; vfio_iommufd_compat_attach_ioas, iommufd_device_replace (7.x)',
  'attach-group': 'vfio_iommu_type1_attach_group, vfio_iommu_replay (6.1)',
  'attached-devices': 'vfio_iommu.domain_list and its groups',
  'backend-extension': 'vfio_iommu_type1_check_extension (5.15, 6.1)',
  barrier: 'smp_mb, smp_wmb, smp_rmb',
  bind: 'A driver is bound to a device through sysfs; Linux 6.1 drivers/base/bus.c and dd.c, vfio_register_group_dev; 4.19 vfio_iommu_group_notifier (from memory)',
  'bind-cdev': 'VFIO_DEVICE_BIND_IOMMUFD; vfio_df_ioctl_bind_iommufd, vfio_device_block_group, vfio_df_open (7.x)',
  'bind-device':
    'Binds a device to an iommufd file, or lets go of it; iommufd_device_bind, iommufd_device_unbind, vfio_iommufd_physical_unbind (7.x)',
  'bind-task':
    'RFC 29/30 for how iommu_bind_task is called; that an address space has one PASID for all its devices, the series of 2018; what binding again means, its discussion (SVM-6)',
  binding:
    'How an open device is bound to iommufd; struct vfio_device_file, iommufd_device of struct vfio_device (7.x)',
  bonds:
    "io_mm and iommu_bond of the series of 2017 and 2018; a group's pasid_array (6.2). Of two that are live with one PASID the newer serves faults: an array has one place",
  'bound-op':
    "A call on a descriptor of a device's own, once it is bound; vfio_device_fops_unl_ioctl (access_granted), vfio_df_ioctl_attach_pt, vfio_df_ioctl_detach_pt (7.x)",
  'by-name':
    "A system call on a path that has a device's name in it (/dev/vfio/N of its group, its directory in sysfs)",
  cell: 'a variable, and what one access does to it: read, write, atomic_t, refcount_t (lib/refcount.c), bits, xchg, cmpxchg',
  'change-access':
    'The driver of a device without an IOMMU comes to an IOAS, or leaves it; iommufd_access_attach, iommufd_access_change_ioas, iopt_add_access (7.x)',
  'change-mappings': 'mmap, munmap, mprotect, madvise and mlock',
  'change-pasid':
    'Attaches a PASID of a device to a page table, or takes it off; iommufd_hwpt_pasid_compat (6.15 to 7.x)',
  'change-process': 'IOMMU_IOAS_CHANGE_PROCESS; iommufd_ioas_change_process, iommufd_take_all_iova_rwsem (7.x)',
  'check-extension': 'VFIO_CHECK_EXTENSION; Linux 6.1 vfio_container_ioctl_check_extension',
  close: 'close',
  'close-container':
    '5.11 vfio_group_try_dissolve_container, and what becomes of the vfio_iommu with its last group (B-25)',
  'close-device':
    'the last close of a device as its driver sees it: what the driver does before it stops listening (4.19); vfio_device_container_unregister (6.0)',
  'close-file': 'fs/file_table.c',
  completion: 'A completion',
  container: 'struct vfio_container: 4.19 and 6.1',
  'container-ioctl': "An ioctl on a container that is the IOMMU driver's business; Linux 6.1 vfio_fops_unl_ioctl",
  'container-users': '5.11 container_users; what HAS_IOMMU asks of them',
  context:
    'An open /dev/iommu, or /dev/vfio/vfio where iommufd provides it (struct iommufd_ctx); drivers/iommu/iommufd/main.c, vfio_compat.c (6.2 to 7.x)',
  'copy-areas': 'IOMMU_IOAS_COPY, once it has its pages; iommufd_ioas_copy (6.2 to 7.x)',
  cut: 'Cuts areas so that a container of VFIO_TYPE1_IOMMU can unmap any part of them; iommufd_vfio_unmap_dma, iopt_cut_iova (7.x)',
  deferred:
    "What is done later, by a thread of its own: work on a workqueue (kernel/workqueue.c), delayed work, a timer's function (kernel/time/timer.c)",
  'descriptor-call': 'A call that does nothing but change the descriptor table',
  detach: "UNSET_CONTAINER, closing the group, and the last user's dissolve, of 4.19",
  'detach-container':
    'A group leaves its container (vfio_group_detach_container; Linux 6.1 container.c and vfio_main.c; 4.19 vfio.c',
  'detach-device':
    'Detaches a device from the IOAS that it is attached to, if it is to one; vfio_iommufd_physical_detach_ioas, iommufd_access_detach (7.x)',
  'detach-group': 'vfio_iommu_type1_detach_group, vfio_iommu_unmap_unpin_all, vfio_iommu_type1_release (6.1)',
  device:
    'A device that is bound to a vfio driver (struct vfio_device); Linux 6.1 vfio_device_try_get_registration, vfio_unregister_group_dev; observed on 6.1',
  'device-file': "fs/file_table.c; -EBUSY stands for the group's exclusive file",
  'device-ioctl': 'ioctl() on a device with a plain number as its argument; 6.1 vfio_pci_core_ioctl',
  'device-life': '5.15 vfio_device_put, open_count',
  'device-list': 'device_list_lock instead of the notifier; mapping re-read for every device',
  'device-memory/map':
    '5.11 vfio_dma_do_map, vfio_pin_map_dma of device memory (container->iommu_driver is read, then nothing keeps it: B-25, derived, in every protocol)',
  'device-notifier': '"[RFC PATCH 00/10]" of the same title, 22 Feb 2021',
  devices: 'iommu->device_list of 6.0, newest first (as observed on 6.1)',
  dissolve: "One user of a group's container less; Linux 4.19",
  'dma-buf': 'the exporter revokes (move_notify), iommufd imports',
  'dma-buf-object':
    "vfio_pci_dmabuf.c and iommufd's pages.c, 6.19. iommu->lock stands for domains_rwsem and iova_rwsem, dma_resv for pages->mutex as well",
  'dma-rw': 'vfio_iommu_type1_dma_rw, _chunk (5.5 to 6.1)',
  'dma-unmap': 'the callback, in five behaviours',
  dmar: '6.1 intel_iommu_map, iommu_flush_iotlb_psi, dmar_fault_do_one; VT-d emulation of QEMU 7.2',
  'driver-of': "readlink() of a device's driver in sysfs",
  'drop-cap': 'capset, without one capability',
  edu: 'hw/misc/edu.c, pci-testdev of QEMU 7.2, as far as the recordings look',
  'edu-dma': 'how a program has edu copy: its registers, written one after the other',
  either: "nothing of the kernel's: what nobody in the world decides, as whether an allocation fails",
  eventfd: 'An eventfd',
  exec: 'execve; fs/exec.c, begin_new_exec, exec_mmap',
  exit: 'exit_group, and what SIGKILL comes to; kernel/exit.c, do_exit: exit_mm, exit_files, exit_task_work',
  'exit-thread': 'exit; kernel/exit.c, do_exit: exit_mm, exit_files',
  export: 'VFIO_DEVICE_FEATURE_DMA_BUF, 6.19',
  'export-bar': 'VFIO_DEVICE_FEATURE_DMA_BUF; vfio_pci_core_feature_dma_buf, vfio_ioctl_device_feature (7.x)',
  'exported-bar':
    'A dma-buf that vfio-pci makes of parts of a BAR; vfio_pci_core_feature_dma_buf, vfio_pci_dma_buf_move, iopt_revoke_notify (7.x)',
  fault:
    'vfio_pci_mmap_fault, 5.14 (by list; 6a45ece4c9af keeps vma_lock to the end) and 6.10 (by inode; d71a989cf5d9 maps all of the mapping)',
  'fault-param':
    "dev->iommu->fault_param, iopf_refcount: iopf_queue_add_device, iopf_queue_remove_device (6.9; that binding counts by itself is 6.15's, from memory)",
  'fault-queue':
    'A queue of page requests; iommufd_fault_iopf_handler, iommufd_auto_response_faults (6.11 to 7.x), intel_iommu_drain_pasid_prq',
  'fault-queue-alloc': 'IOMMU_FAULT_QUEUE_ALLOC; iommufd_fault_alloc (6.11 to 7.x)',
  'fault-queue-file':
    "read, write and the last close of a fault queue's descriptor; iommufd_fault_fops_read, _write, iommufd_eventq_fops_release (7.x)",
  files: 'Open files and descriptor tables (fs/file.c, fs/file_table.c)',
  fill: 'Puts the memory of an area into the domain of its IOAS; iopt_area_fill_domains (6.2 to 7.x)',
  'first-open':
    'A device is opened for the first time, or closed for the last, where the kernel has iommufd; vfio_df_device_first_open, vfio_df_device_last_close (7.x)',
  fork: 'fork; kernel/fork.c, copy_process',
  'free-task': 'a thread with a script whose way parts: choices, branches, loops, calls that may fail',
  function: '6.1 vfio_pci_core.c, vfio_pci_config.c (basic header and MSI permissions)',
  gated: 'iommufd: gate, tell, search again, never behind what is done',
  'gated-no-cursor': 'iommufd: gate, tell, search again from where the request begins',
  'gated-unlocked-check': 'iommufd of 6.2: gate, tell, look at the area with no lock',
  'get-device-fd':
    'VFIO_GROUP_GET_DEVICE_FD from 5.19 on; Linux 6.1 vfio_group_ioctl_get_device_fd, vfio_device_open, vfio_device_assign_container',
  'get-device-fd-compat':
    'VFIO_GROUP_GET_DEVICE_FD where the kernel has iommufd; vfio_group_ioctl_get_device_fd, vfio_df_group_open (7.x)',
  'get-device-fd-counted': 'VFIO_GROUP_GET_DEVICE_FD up to 5.18; Linux 4.19 and 5.15 vfio_group_get_device_fd',
  'get-pages':
    'Gets pages of a process for as long as they are needed; pfn_reader_user_pin, pin_memfd_pages (6.2 to 7.x)',
  'give-back': 'vfio_lock_acct with a negative count (6.1)',
  group: 'struct vfio_group: container_users and opened of 4.19, group_rwsem of 6.1',
  'group-status':
    'VFIO_GROUP_GET_STATUS; Linux 6.1 vfio_group_ioctl_get_status; 4.19 VFIO_GROUP_GET_STATUS, vfio_group_viable',
  'handle-fault': 'io-pgfault.c of "[PATCH v2 00/40]": mmget_not_zero, mmput_async; the lock of Feb 2017',
  'held-pages':
    'Pages that mappings of an iommufd file have in common (struct iopt_pages); iopt_area_fill_domain, iopt_area_unfill_domain, iopt_unpin (6.2 to 7.x)',
  'hold-file':
    'Holds an iommufd file, or lets go of it; iommufd_ctx_get, iommufd_ctx_put (7.x). The kernel runs the release once the system call is through',
  'hot-reset': '6.1 vfio_pci_ioctl_pci_hot_reset',
  'hot-reset-devices':
    'VFIO_DEVICE_GET_PCI_HOT_RESET_INFO of a device that was opened by its own file; vfio_pci_ioctl_get_pci_hot_reset_info, vfio_iommufd_device_hot_reset_devid (6.6 to 7.x)',
  'hot-reset-set':
    "5.15 VFIO_DEVICE_PCI_HOT_RESET (B-33), 6.10 vfio_pci_dev_set_hot_reset, 6.19 for dma-bufs: each is revoked as soon as its device's memory_lock is held",
  'hwpt-alloc': 'IOMMU_HWPT_ALLOC; iommufd_hwpt_alloc, iommufd_hwpt_paging_alloc (6.2 to 7.x)',
  'in-container': 'from a device down into the container that its group is in (device->group->container)',
  info: 'RFC 29/30, "a capability flag in device info"; its name and value (the next that 4.10 had free) are not in what is left of the patch',
  inode: 'b7c5e64fecfa (6.10), RFC v2 01/10 for the idea; VFIO_PCI_OFFSET_SHIFT',
  ioas: 'struct io_pagetable and iopt_area of 6.2 and 7.x',
  'ioas-copy': 'IOMMU_IOAS_COPY, as far as it finds what is copied; iopt_get_pages (6.2 to 7.x)',
  'ioas-map-file': 'IOMMU_IOAS_MAP_FILE; iommufd_ioas_map_file, iopt_map_file_pages (7.x)',
  ioctl: 'An ioctl on an iommufd file; iommufd_fops_ioctl, iommufd_vfio_ioctl (7.x)',
  'iommu-group':
    'An IOMMU group; Linux 6.1 iommu_group_claim_dma_owner, iommu_device_use_default_domain, drivers/base/dd.c; 4.19 vfio_dev_viable, vfio_group_viable',
  'iommufd-map': 'iopt_map_pages: takes its range, fills in pages later (the two phases from memory)',
  'iommufd-pin': 'iommufd_access_pin_pages as 6.5 and later have it, beside an unmap',
  'iommufd-unpin': 'iommufd_access_unpin_pages as 6.5 and later have it, beside an unmap',
  'iommufd/destroy':
    'IOMMU_DESTROY; iommufd_destroy, iommufd_object_destroy_user (6.2 to 6.6), iommufd_object_remove (6.7 to 7.x), iommufd_ioas_destroy',
  'iommufd/get-object':
    'Finds an IOAS for a call and counts the call as one of its users; iommufd_get_object, iommufd_lock_obj, get_compat_ioas (6.2 to 7.x)',
  'iommufd/object':
    'The memory of an IOAS, and the calls that are in it for a short time (struct iommufd_object); shortterm_users, iommufd_ctx.destroy_wait (6.7 to 7.x)',
  'iommufd/put-object':
    'A call is through with an IOAS; iommufd_put_object (6.2 to 7.x), changed by 6f9c4d8c468c (6.7)',
  'irq-handler':
    'What runs when an interrupt comes: its handler, or the thread that does the rest (request_threaded_irq). Either waits for the processor to say so',
  'join-ioas':
    'A device joins an IOAS (iommufd_device_attach with a page table that the kernel chooses); drivers/iommu/iommufd/device.c, io_pagetable.c (7.x): ioas->mutex',
  'kernel-walks':
    'CVE-2025-71089 and CVE-2025-71202 (B-58). That who flushes waits for a walk that is under way is what VT-d does when it invalidates',
  kill: 'kill(SIGKILL), and waiting until the process is gone',
  'killable-mutex': 'mutex_lock_killable, mutex_lock_interruptible (kernel/locking/mutex.c)',
  'killable-rwsem':
    'down_read_killable, down_write_killable and downgrade_write (kernel/locking/rwsem.c), and the signals that end them',
  kworker:
    'A kernel thread that does what is put on a workqueue, one piece after the other, for as long as the machine runs',
  'leave-container':
    'A group lets go of the iommufd file that is its container, under group_rwsem; vfio_group_ioctl_unset_container, vfio_group_fops_release (7.x)',
  'leave-ioas': 'A device leaves its IOAS; iommufd_device_detach, iopt_table_remove_domain (7.x)',
  'let-go-pages':
    'Lets go of pinned pages, and gives back what they were charged; do_update_pinned, update_mm_locked_vm, decr_user_locked_vm (6.2 to 7.x)',
  'life/exec': 'fs/exec.c exec_mmap',
  'life/exit': 'kernel/exit.c do_exit: exit_mm before exit_files',
  'life/process': 'exit_mm, exec_mmap; the PASIDs that BIND copied to the user',
  'limit-files': 'setrlimit(RLIMIT_NOFILE)',
  list: 'a list_head that is walked entry by entry; CONFIG_DEBUG_LIST complains of what corrupts it',
  listen: 'vfio_iommu_type1_register_notifier, _unregister_notifier (4.10 to 5.19)',
  load: 'arch/x86/mm/fault.c, handle_mm_fault, 5.8',
  'locked-call': 'A call that takes locks, asks one object, lets go of the locks and returns what the object answered',
  map: 'vfio_dma_do_map',
  'map-buffer': "mmap of a memfd, or of a buffer of the system's dma-buf heap; shmem_mmap, system_heap_mmap",
  'map-context': 'mmap of an iommufd file; iommufd_fops_mmap (7.x)',
  'map-region': '6.1 vfio_pci_core_mmap',
  'map-vaddr': 'UNMAP and MAP with VADDR, vfio_change_dma_owner (6.1.192)',
  mdev: "a vendor driver's book-keeping: pins, mirror; the test driver of the recordings: a log of what it was told, device_info without regions",
  'mdev-mirror': 'libvfio-user #50: a driver that mirrors mappings',
  'mdev-open': 'open_device of the test driver',
  'mdev-pin': "a driver's vfio_pin_pages: one call for a range of pages (6.0), or for one",
  'mdev-rw': "the test driver's copies",
  'mdev-unpin': "a driver's vfio_unpin_pages: one call for a range of pages (6.0), or for one",
  memfd: 'Memory that is a file without a name; memfd_pin_folios (6.11 to 7.x), shmem_setattr',
  mm: 'An address space (struct mm_struct); Linux 6.1, mm/; __account_locked_vm in mm/util.c for ACCOUNT',
  'mm-exit-gate':
    'iommu_bond.mm_exit_active and mm_exit_wq, "[PATCH v2 05/40] iommu/sva: Track mm changes with an MMU notifier", May 2018',
  mmap: 'mm/mmap.c (mmap_region), vfio_device_fops_mmap, vfio_pci_mmap, 5.4 to 6.10; "Re: [RFC PATCH 05/10]"',
  mmdrop: 'kernel/fork.c __mmdrop, mm_pasid_drop (5.18: 2667ed10d9f0)',
  mmput:
    "kernel/fork.c (__mmput; mmput_async: who counts down to zero leaves the rest to a kworker), mm/mmap.c exit_mmap (the notifier's release before the page tables)",
  'mock-domain':
    "A device of the kernel's own tests (IOMMU_TEST_OP_MOCK_DOMAIN); drivers/iommu/iommufd/selftest.c, iommufd_test_mock_domain (7.x)",
  'module-parameters': "the module's parameters: disable_hugepages, dma_entry_limit, allow_unsafe_interrupts",
  'move-bars':
    "Tells those who imported a device's dma-bufs that its memory is off, or on again; vfio_pci_dma_buf_move, iopt_revoke_notify (7.x)",
  mremap: 'mm/mremap.c: move_vma, move_page_tables',
  munmap: 'mm/mmap.c: __do_munmap, unmap_region',
  mutex: 'a kernel mutex; not FIFO either. Who only tries is answered at once',
  'no-svm': 'the flag in VFIO_DEVICE_GET_INFO of 29/30',
  none: 'type1 as it is: the mapping stays',
  nothing: 'A call that finds nothing to do',
  'notifier-call-chain': 'blocking_notifier_call_chain as type1 used it before 6.0',
  'notifier-chain':
    'the list of a blocking_notifier_head, in order of registration; of an srcu_notifier_head, whose walkers hold no lock',
  'notify-accesses': 'iommufd_access_notify_unmap',
  'notify-devices': 'vfio_notify_dma_unmap of 6.0 to 7.x',
  'open-backend': 'vfio_iommu_type1_open (6.1)',
  'open-cdev': "open() of a device's own file (/dev/vfio/devices/vfioN); vfio_device_fops_cdev_open (7.x)",
  'open-container': 'open() of /dev/vfio/vfio; Linux 6.1 vfio_fops_open',
  'open-device': 'VFIO_GROUP_GET_DEVICE_FD of 4.19 as a driver sees it, vfio_device_container_register of 6.0',
  'open-file': '5.15 vfio_group_get_device_fd, vfio_pci_open_device',
  'open-group': 'open() of /dev/vfio/N; Linux 6.1 and 4.19 vfio_group_fops_open',
  'page-request-queue':
    "PCI Express PRI; VT-d's page request queue and its overflow bit (PRO), which keeps everything out until software has cleared it; RFC 29/30 for what markers mean",
  'page-table-users':
    'The devices that use the page table of an IOAS (struct iommufd_hwpt_paging that was chosen for them, and the iommufd_group of each)',
  pasid:
    'RFC 29/30 for clean, flushed, neither ("never reused") and the wait for the Stop Marker; PCI Express for a marker that names a PASID and nothing else',
  'pci-information': 'helpers: what a function is, bytes that may be unknown, questions about a function',
  'per-mapping': 'v13 as posted: for each pinned mapping unlock, tell, relock, go on with the pointer',
  'per-request': "the reviewer's alternative: tell once, before the lock, with the range of the request",
  pin: 'vfio_pin_pages down into vfio_iommu_type1_pin_pages, with the container user around it up to 5.18',
  'pin-map': 'vfio_pin_map_dma, vfio_pin_pages_remote; for a domain that is new, vfio_iommu_replay',
  'pin-run':
    'vfio_pin_page_external for a run of pages of one mapping: mmap_lock for read, get; mmap_lock for write, charge; zero page not charged',
  process: 'A process as far as its limits and rights go (struct signal_struct, struct cred); kernel/sys.c, do_prlimit',
  processor:
    'A processor that several share: threads bound to it, and interrupts that come there. Before each step a thread asks to RUN',
  ptes: "mm/memory.c (follow_pte, zap_page_range, io_remap_pfn_range, copy_pte_range: both page table locks, the child's first), arch/x86/mm/tlb.c",
  'put-files': 'Lets go of open files and runs the release of those nobody else refers to, one after the other',
  ram: 'What is in memory',
  rcu: 'Read-copy-update: RCU itself, or an SRCU domain, with callbacks (kernel/rcu). Readers never wait',
  'region-access': '6.1 vfio_pci_rdwr.c, vfio_config_do_rw',
  'register-notifier': 'vfio_register_notifier, as mailed and as merged',
  'release-cdev':
    "The last reference to a file of a device's own is gone; vfio_device_fops_release, vfio_df_unbind_iommufd (7.x)",
  'release-container': "The last reference to a container's file is gone; Linux 6.1 vfio_fops_release",
  'release-context': 'The last reference to an iommufd file is gone; iommufd_fops_release (7.x)',
  'release-device':
    "The last reference to a device's file is gone; Linux 6.1 vfio_device_fops_release, vfio_device_unassign_container",
  'release-device-compat':
    "The last reference to a device's file is gone, where the kernel has iommufd; vfio_device_fops_release, vfio_df_group_close (7.x)",
  'release-device-counted': "A device's file is closed, up to 5.18; Linux 4.19 and 5.15 vfio_device_fops_release",
  'release-file':
    '5.15 vfio_device_fops_release, vfio_pci_close_device; RFC v2 07/10 (notify on release, under reflck->lock); 6.19 vfio_pci_dma_buf_cleanup on either side of the disable (B-37)',
  'release-group': "The last reference to a group's file is gone; Linux 6.1 vfio_group_fops_release",
  'release-group-counted': "A group's file is closed, up to 5.18; Linux 4.19 vfio_group_fops_release",
  'release-mm':
    'mm/mmu_notifier.c (release returns nothing: nobody hears of an invalidation that times out); drops-bond: 2017 and 2018, mm_exit before the PASID goes; keeps-bond: 5.8',
  'remove-dma': 'vfio_remove_dma, vfio_unmap_unpin, where a mapping may be of device memory (5.11)',
  'report-fault':
    'iommu_report_device_fault, iommu_sva_handle_mm, iopf_free_group (6.9); CVE-2024-35843, CVE-2024-44994',
  'request-device':
    'vfio-pci asks whoever has a device open to let go of it, under igate; Linux 6.1 vfio_pci_core_request',
  reset: '5.15 VFIO_DEVICE_RESET, pci_try_reset_function',
  restart: 'as merged: unlock, tell, search again; BUG when one mapping is met pinned twelve times',
  'revoking-call':
    "A call that a device's dma-bufs do not survive: a reset, or the last close of its file; vfio_pci_ioctl_reset, vfio_pci_core_close_device (7.x)",
  rfc29: '"[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory", 27 Feb 2017',
  'root-complex':
    "cover letters of 12 and 22 February 2021; PCI Express (Unsupported Request); VT-d drains requests when it invalidates; lines worded after AER's and DMAR's",
  rwlock:
    'a lock for many readers or one writer, where readers never wait for a writer that waits: rwlock_t in interrupts (kernel/locking/qrwlock.c), and what an unfair rw_semaphore would be',
  rwsem: 'a kernel rw_semaphore; a waiting writer holds up later readers, those who only try as well',
  'send-marker':
    "PCI Express PRI (stop marker messages). Whose use of the PASID a marker ends is the story's to know: the message does not say",
  seqcount:
    'A sequence count (include/linux/seqlock.h): readers take what they read for whole only if nobody has written meanwhile. The count is odd while somebody writes',
  'set-container':
    'VFIO_GROUP_SET_CONTAINER from 5.19 on; Linux 6.1 vfio_group_ioctl_set_container, vfio_container_attach_group; of a file of iommufd: iommufd_vfio_compat_ioas_create (7.x)',
  'set-container-counted': 'VFIO_GROUP_SET_CONTAINER up to 5.18; Linux 4.19 vfio_group_set_container',
  'set-iommu': 'VFIO_SET_IOMMU on a container that has a backend: -EINVAL, with group_lock held for write',
  'set-irqs': '6.1 vfio_set_irqs_validate_and_prepare, vfio_pci_intrs.c',
  'set-memory':
    '5.15 vfio_basic_config_write, vfio_pci_zap_and_down_write_memory_lock; 6.10 the other way round; 6.19 vfio_pci_dma_buf_move for who is told and when; 5.18 vfio_lock_and_set_power_state, 6.1 vfio_pci_runtime_pm_entry, which go the same way',
  side: "nothing of the kernel's: one of the ways that nobody decides about",
  signals: 'the signals that end a wait (kernel/signal.c): a fatal one, or any',
  slab: 'kmalloc and kfree, as KASAN sees them: allocating, following, freeing; a freed address is used again, the lowest first',
  spinlock:
    'spinlock_t (kernel/locking/spinlock.c), with what the debugging one says of an unlock by who does not hold it',
  srcu: 'a sleepable RCU domain (kernel/rcu/srcutree.c): readers never wait, and synchronize_srcu waits for those that began before it',
  'start-thread': 'clone, for a thread',
  stop: 'commit message of RFC 29/30: "Ideally there should be a callback for each PCI device", and what users must do as long as there is none',
  submit: 'derived',
  'sva-bind': 'iommu_sva_bind_device, iommu_attach_device_pasid (6.9)',
  'sva-domain': 'drivers/iommu/iommu-sva.c',
  'sva-unbind':
    'iommu_sva_unbind_device, iommu_detach_device_pasid, iopf_queue_remove_device (6.9); CVE-2026-23429, CVE-2025-21770',
  'sva/close': 'fs/file_table.c: fput of who closes',
  'sva/container': '"[PATCH v2 13/40] vfio: Add support for Shared Virtual Addressing", May 2018',
  'sva/device':
    "commit message of RFC 29/30 (a stop that is the device's own: flushed or clean); PCI Express PRI (page request groups, stop markers)",
  'sva/device-file': 'fs/file_table.c: fdget, fput, -EBADF for what is closed',
  syscall:
    'The way into the kernel and back; fs/file.c, __fget_light: no reference is taken while nobody shares the descriptor table',
  task: 'a thread with a script of calls',
  thread: 'A thread of a process that makes system calls as it is told',
  touch: 'PCI Express ATS and PRI; VT-d for the response to what overflowed',
  translation:
    'commit message and series of RFC 29/30; PCI Express ATS: what is cached is believed until it is invalidated, and an invalidation of the ATC may time out; iommu-sva.c',
  type1: 'struct vfio_iommu of v13, 4.10 to 7.x; which life of it a caller means (B-25)',
  unbind:
    'A device is taken from its driver through sysfs (driver/unbind); Linux 6.1 drivers/base/bus.c and dd.c, __device_release_driver',
  'unbind-task':
    'commit message of RFC 29/30 for clean, flushed, neither, and "ideally" a callback of the device; "unbind() waited until any concurrent mm_exit() finished" (2018)',
  'under-lock': "iommu->lock is held while drivers are told; what the patch's comment says cannot work",
  unfill:
    'Takes the memory of an area out of the domain of its IOAS, unpins it and gives back what it was charged; iopt_area_unfill_domains, update_unpinned (6.2 to 7.x)',
  'unknown-ioctl':
    'An ioctl that iommufd does not have, or one that it has with a plain number where a pointer should be (7.x)',
  unmap: '5.11 vfio_dma_do_unmap of device memory',
  'unmap-ioctl': 'vfio_iommu_type1_unmap_dma; the protocols',
  unpin: 'vfio_unpin_pages down into vfio_iommu_type1_unpin_pages, with the container user around it up to 5.18',
  'unregister-device':
    'vfio-pci lets go of a device; Linux 6.1 vfio_unregister_group_dev, vfio_device_remove_group; observed on 6.1',
  'unregister-device-counted':
    'vfio-pci lets go of a device, up to 5.18; Linux 4.19 vfio_del_group_dev, 5.15 vfio_unregister_group_dev',
  'unregister-notifier': 'vfio_unregister_notifier, as mailed and as merged',
  'unset-container': 'VFIO_GROUP_UNSET_CONTAINER from 5.19 on; Linux 6.1 vfio_group_ioctl_unset_container',
  'unset-container-counted': 'VFIO_GROUP_UNSET_CONTAINER up to 5.18; Linux 4.19 vfio_group_unset_container',
  'use-container':
    'A device uses the container that its group is in; vfio_group_use_container, vfio_group_unuse_container (6.2 to 7.x)',
  'user-access': 'Loads and stores of a process',
  'user-account':
    'What one user has locked (struct user_struct, locked_vm); incr_user_locked_vm, decr_user_locked_vm (6.2 to 7.x)',
  'user-stop': 'what users must do as long as there is no callback (29/30): the state of a PASID when they unbind',
  'value-ioctl':
    'ioctl() with a plain number as its argument, on a container or a group; Linux 6.1 uapi vfio.h for the numbers; vfio_group_fops_unl_ioctl',
  vfree: 'pagetable_free_kernel, iommu_sva_invalidate_kva_range (CVE-2025-71202); without them CVE-2025-71089 (B-58)',
  'vm-ops-registry': '1/3 of the same; users of an entry are derived',
  'vma-list': '5.15 vfio_pci_mmap_vma, __vfio_pci_add_vma, vfio_pci_mmap_close; gone in 6.10 (aac6db75a9fc)',
  'vma-ops': '"[PATCH 0/3] vfio: Device memory DMA mapping improvements", 12 Feb 2021',
  'vma-private': 'the sketch in the reply of 4 Mar 2021 to its 05/10',
  'vma-to-pfn': '"[PATCH v1 00/14]", 8 Mar 2021',
  'vma/fork':
    "kernel/fork.c (dup_mmap), mm/memory.c (vma_needs_copy, copy_page_range: what was faulted in is copied before the driver's open)",
  'wait-queue': 'wait_queue_head_t (kernel/sched/wait.c)',
  'walk-kernel': 'CVE-2025-71089, CVE-2025-71202 (B-58)',
  workqueue:
    'A workqueue (schedule_work on system_wq). A piece of work that lies in an object is queued once, unless it is initialised anew meanwhile (ODEBUG)',
  'zap-by-inode': 'RFC v2 03/10 and 04/10 (2021); 6.10 vfio_pci_zap_bars',
  'zap-by-list':
    '5.15 vfio_pci_zap_and_vma_lock (the lock "switcheroo", B-34); two forms the kernel avoided: without it, and without the second search',
}
