/** Every machine by the name of its file: for export, and for whoever wants to look at a chart. */
import type { AnyStateMachine } from 'xstate'
import { accessCopy } from './iommufd/access/access-copy.ts'
import { accessPin } from './iommufd/access/access-pin.ts'
import { accessUnpin } from './iommufd/access/access-unpin.ts'
import { accesses } from './iommufd/access/accesses.ts'
import { changeAccess } from './iommufd/access/change-access.ts'
import { iommufdPin } from './iommufd/access/iommufd-pin.ts'
import { iommufdUnpin } from './iommufd/access/iommufd-unpin.ts'
import { notifyAccesses } from './iommufd/access/notify-accesses.ts'
import { changeProcess } from './iommufd/change-process.ts'
import { iommufdContext } from './iommufd/context.ts'
import { destroy } from './iommufd/destroy.ts'
import { attachDevice } from './iommufd/device/attach-device.ts'
import { bindDevice } from './iommufd/device/bind-device.ts'
import { changePasid } from './iommufd/device/change-pasid.ts'
import { detachDevice } from './iommufd/device/detach-device.ts'
import { hwptAlloc } from './iommufd/device/hwpt-alloc.ts'
import { joinIoas } from './iommufd/device/join-ioas.ts'
import { leaveIoas } from './iommufd/device/leave-ioas.ts'
import { mockDomain } from './iommufd/device/mock-domain.ts'
import { pageTableUsers } from './iommufd/device/page-table-users.ts'
import { faultQueue } from './iommufd/fault/fault-queue.ts'
import { faultQueueAlloc } from './iommufd/fault/fault-queue-alloc.ts'
import { faultQueueFile } from './iommufd/fault/fault-queue-file.ts'
import { getObject } from './iommufd/get-object.ts'
import { holdFile } from './iommufd/hold-file.ts'
import { copyAreas } from './iommufd/ioas/copy-areas.ts'
import { cut } from './iommufd/ioas/cut.ts'
import { fill } from './iommufd/ioas/fill.ts'
import { getPages } from './iommufd/ioas/get-pages.ts'
import { heldPages } from './iommufd/ioas/held-pages.ts'
import { ioasCopy } from './iommufd/ioas/ioas-copy.ts'
import { ioas } from './iommufd/ioas/ioas.ts'
import { ioasMapFile } from './iommufd/ioas/ioas-map-file.ts'
import { iommufdMap } from './iommufd/ioas/iommufd-map.ts'
import { letGoPages } from './iommufd/ioas/let-go-pages.ts'
import { unfill } from './iommufd/ioas/unfill.ts'
import { ioctl } from './iommufd/ioctl.ts'
import { mapContext } from './iommufd/map-context.ts'
import { iommufdObject } from './iommufd/object.ts'
import { putObject } from './iommufd/put-object.ts'
import { releaseContext } from './iommufd/release-context.ts'
import { unknownIoctl } from './iommufd/unknown-ioctl.ts'
import { gatedNoCursor } from './iommufd/unmap/gated-no-cursor.ts'
import { gatedUnlockedCheck } from './iommufd/unmap/gated-unlocked-check.ts'
import { gated } from './iommufd/unmap/gated.ts'
import { either } from './kernel/choice/either.ts'
import { side } from './kernel/choice/side.ts'
import { slab } from './kernel/heap/slab.ts'
import { list } from './kernel/lists/list.ts'
import { notifierCallChain } from './kernel/lists/notifier-call-chain.ts'
import { notifierChain } from './kernel/lists/notifier-chain.ts'
import { killableMutex } from './kernel/locks/killable-mutex.ts'
import { killableRwsem } from './kernel/locks/killable-rwsem.ts'
import { lockedCall } from './kernel/locks/locked-call.ts'
import { mutex } from './kernel/locks/mutex.ts'
import { rwlock } from './kernel/locks/rwlock.ts'
import { rwsem } from './kernel/locks/rwsem.ts'
import { seqcount } from './kernel/locks/seqcount.ts'
import { signals } from './kernel/locks/signals.ts'
import { spinlock } from './kernel/locks/spinlock.ts'
import { irqHandler } from './kernel/processor/irq-handler.ts'
import { processor } from './kernel/processor/processor.ts'
import { rcu } from './kernel/rcu/rcu.ts'
import { srcu } from './kernel/rcu/srcu.ts'
import { freeTask } from './kernel/tasks/free-task.ts'
import { task } from './kernel/tasks/task.ts'
import { barrier } from './kernel/variables/barrier.ts'
import { cell } from './kernel/variables/cell.ts'
import { completion } from './kernel/waiting/completion.ts'
import { eventfd } from './kernel/waiting/eventfd.ts'
import { waitQueue } from './kernel/waiting/wait-queue.ts'
import { deferred } from './kernel/work/deferred.ts'
import { kworker } from './kernel/work/kworker.ts'
import { workqueue } from './kernel/work/workqueue.ts'
import { dmaUnmap } from './mdev/dma-unmap.ts'
import { mdevMirror } from './mdev/mdev-mirror.ts'
import { mdevOpen } from './mdev/mdev-open.ts'
import { mdevPin } from './mdev/mdev-pin.ts'
import { mdevRw } from './mdev/mdev-rw.ts'
import { mdevUnpin } from './mdev/mdev-unpin.ts'
import { mdev } from './mdev/mdev.ts'
import { changeMappings } from './mm/change-mappings.ts'
import { svmExec } from './mm/life/exec.ts'
import { svmExit } from './mm/life/exit.ts'
import { mmdrop } from './mm/life/mmdrop.ts'
import { mmput } from './mm/life/mmput.ts'
import { svmProcess } from './mm/life/process.ts'
import { mapBuffer } from './mm/map-buffer.ts'
import { memfd } from './mm/memfd.ts'
import { mm } from './mm/mm.ts'
import { ram } from './mm/ram.ts'
import { userAccess } from './mm/user-access.ts'
import { vfree } from './mm/vfree.ts'
import { areas } from './mm/vma/areas.ts'
import { fault } from './mm/vma/fault.ts'
import { fork as deviceMemoryFork } from './mm/vma/fork.ts'
import { inode } from './mm/vma/inode.ts'
import { load } from './mm/vma/load.ts'
import { mmap } from './mm/vma/mmap.ts'
import { mremap } from './mm/vma/mremap.ts'
import { munmap } from './mm/vma/munmap.ts'
import { ptes } from './mm/vma/ptes.ts'
import { exportBar } from './pci/buffers/export-bar.ts'
import { exportedBar } from './pci/buffers/exported-bar.ts'
import { moveBars } from './pci/buffers/move-bars.ts'
import { revokingCall } from './pci/buffers/revoking-call.ts'
import { eduDma } from './pci/edu/edu-dma.ts'
import { edu } from './pci/edu/edu.ts'
import { deviceIoctl } from './pci/function/device-ioctl.ts'
import { pciFunction } from './pci/function/function.ts'
import { mapRegion } from './pci/function/map-region.ts'
import { pciInformation } from './pci/function/pci-information.ts'
import { regionAccess } from './pci/function/region-access.ts'
import { setIrqs } from './pci/interrupts/set-irqs.ts'
import { setMemory } from './pci/memory/set-memory.ts'
import { vmaList } from './pci/memory/vma-list.ts'
import { zapByInode } from './pci/memory/zap-by-inode.ts'
import { zapByList } from './pci/memory/zap-by-list.ts'
import { hotResetSet } from './pci/reset/hot-reset-set.ts'
import { hotReset } from './pci/reset/hot-reset.ts'
import { deviceReset } from './pci/reset/reset.ts'
import { dmar } from './pci/root-complex/dmar.ts'
import { rootComplex } from './pci/root-complex/root-complex.ts'
import { attachedDevices } from './sva/bond/attached-devices.ts'
import { bindTask } from './sva/bond/bind-task.ts'
import { bonds } from './sva/bond/bonds.ts'
import { container as svmContainer } from './sva/bond/container.ts'
import { svmInfo } from './sva/bond/info.ts'
import { mmExitGate } from './sva/bond/mm-exit-gate.ts'
import { noSvm } from './sva/bond/no-svm.ts'
import { releaseMm } from './sva/bond/release-mm.ts'
import { rfc29 } from './sva/bond/rfc29.ts'
import { svaBind } from './sva/bond/sva-bind.ts'
import { svaDomain } from './sva/bond/sva-domain.ts'
import { svaUnbind } from './sva/bond/sva-unbind.ts'
import { unbindTask } from './sva/bond/unbind-task.ts'
import { svmClose } from './sva/device/close.ts'
import { svmDeviceFile } from './sva/device/device-file.ts'
import { device as svmDevice } from './sva/device/device.ts'
import { sendMarker } from './sva/device/send-marker.ts'
import { stop } from './sva/device/stop.ts'
import { submit } from './sva/device/submit.ts'
import { touch } from './sva/device/touch.ts'
import { userStop } from './sva/device/user-stop.ts'
import { walkKernel } from './sva/device/walk-kernel.ts'
import { faultParam } from './sva/fault/fault-param.ts'
import { handleFault } from './sva/fault/handle-fault.ts'
import { pageRequestQueue } from './sva/fault/page-request-queue.ts'
import { reportFault } from './sva/fault/report-fault.ts'
import { allocPasid } from './sva/pasid/alloc-pasid.ts'
import { kernelWalks } from './sva/pasid/kernel-walks.ts'
import { pasid } from './sva/pasid/pasid.ts'
import { translation } from './sva/pasid/translation.ts'
import { attachGroup } from './type1/backend/attach-group.ts'
import { backendExtension } from './type1/backend/backend-extension.ts'
import { detachGroup } from './type1/backend/detach-group.ts'
import { moduleParameters } from './type1/backend/module-parameters.ts'
import { openBackend } from './type1/backend/open-backend.ts'
import { type1 } from './type1/backend/type1.ts'
import { deviceNotifier } from './type1/device-memory/device-notifier.ts'
import { dmaBufObject } from './type1/device-memory/dma-buf-object.ts'
import { dmaBuf } from './type1/device-memory/dma-buf.ts'
import { exportDmaBuf } from './type1/device-memory/export.ts'
import { mapDeviceMemory } from './type1/device-memory/map.ts'
import { none } from './type1/device-memory/none.ts'
import { unmapDeviceMemory } from './type1/device-memory/unmap.ts'
import { vmOpsRegistry } from './type1/device-memory/vm-ops-registry.ts'
import { vmaOps } from './type1/device-memory/vma-ops.ts'
import { vmaPrivate } from './type1/device-memory/vma-private.ts'
import { vmaToPfn } from './type1/device-memory/vma-to-pfn.ts'
import { mapVaddr } from './type1/map/map-vaddr.ts'
import { map } from './type1/map/map.ts'
import { pinMap } from './type1/map/pin-map.ts'
import { devices } from './type1/notify/devices.ts'
import { listen } from './type1/notify/listen.ts'
import { notifyDevices } from './type1/notify/notify-devices.ts'
import { accountLater } from './type1/pin/account-later.ts'
import { dmaRw } from './type1/pin/dma-rw.ts'
import { giveBack } from './type1/pin/give-back.ts'
import { inContainer } from './type1/pin/in-container.ts'
import { pinRun } from './type1/pin/pin-run.ts'
import { pin } from './type1/pin/pin.ts'
import { unpin } from './type1/pin/unpin.ts'
import { deviceListUnmap } from './type1/unmap/device-list.ts'
import { perMapping } from './type1/unmap/per-mapping.ts'
import { perRequest } from './type1/unmap/per-request.ts'
import { removeDma } from './type1/unmap/remove-dma.ts'
import { restart } from './type1/unmap/restart.ts'
import { underLock } from './type1/unmap/under-lock.ts'
import { unmapIoctl } from './type1/unmap/unmap-ioctl.ts'
import { askedCall } from './user/asked-call.ts'
import { close } from './user/close.ts'
import { descriptorCall } from './user/descriptor-call.ts'
import { dropCap } from './user/drop-cap.ts'
import { exec } from './user/exec.ts'
import { exitThread } from './user/exit-thread.ts'
import { exit } from './user/exit.ts'
import { files } from './user/files.ts'
import { fork } from './user/fork.ts'
import { kill } from './user/kill.ts'
import { limitFiles } from './user/limit-files.ts'
import { nothing } from './user/nothing.ts'
import { process } from './user/process.ts'
import { putFiles } from './user/put-files.ts'
import { startThread } from './user/start-thread.ts'
import { syscall } from './user/syscall.ts'
import { thread } from './user/thread.ts'
import { userAccount } from './user/user-account.ts'
import { bindCdev } from './vfio/cdev/bind-cdev.ts'
import { boundOp } from './vfio/cdev/bound-op.ts'
import { hotResetDevices } from './pci/reset/hot-reset-devices.ts'
import { openCdev } from './vfio/cdev/open-cdev.ts'
import { releaseCdev } from './vfio/cdev/release-cdev.ts'
import { apiVersion } from './vfio/container/api-version.ts'
import { checkExtension } from './vfio/container/check-extension.ts'
import { closeContainer } from './vfio/container/close-container.ts'
import { containerIoctl } from './vfio/container/container-ioctl.ts'
import { containerUsers } from './vfio/container/container-users.ts'
import { container } from './vfio/container/container.ts'
import { openContainer } from './vfio/container/open-container.ts'
import { releaseContainer } from './vfio/container/release-container.ts'
import { setIommu } from './vfio/container/set-iommu.ts'
import { useContainer } from './vfio/container/use-container.ts'
import { valueIoctl } from './vfio/container/value-ioctl.ts'
import { binding } from './vfio/device/binding.ts'
import { closeDevice } from './vfio/device/close-device.ts'
import { device } from './vfio/device/device.ts'
import { closeDeviceFile } from './vfio/device/file/close-file.ts'
import { deviceFile } from './vfio/device/file/device-file.ts'
import { deviceLife } from './vfio/device/file/device-life.ts'
import { openDeviceFile } from './vfio/device/file/open-file.ts'
import { releaseDeviceFile } from './vfio/device/file/release-file.ts'
import { firstOpen } from './vfio/device/first-open.ts'
import { openDevice } from './vfio/device/open-device.ts'
import { registerNotifier } from './vfio/device/register-notifier.ts'
import { compatReleaseDevice } from './vfio/device/release-device-compat.ts'
import { countedReleaseDevice } from './vfio/device/release-device-counted.ts'
import { releaseDevice } from './vfio/device/release-device.ts'
import { requestDevice } from './vfio/device/request-device.ts'
import { countedUnregisterDevice } from './vfio/device/unregister-device-counted.ts'
import { unregisterDevice } from './vfio/device/unregister-device.ts'
import { unregisterNotifier } from './vfio/device/unregister-notifier.ts'
import { bind } from './vfio/driver/bind.ts'
import { byName } from './vfio/driver/by-name.ts'
import { driverOf } from './vfio/driver/driver-of.ts'
import { unbind } from './vfio/driver/unbind.ts'
import { detachContainer } from './vfio/group/detach-container.ts'
import { detach } from './vfio/group/detach.ts'
import { dissolve } from './vfio/group/dissolve.ts'
import { compatGetDeviceFd } from './vfio/group/get-device-fd-compat.ts'
import { countedGetDeviceFd } from './vfio/group/get-device-fd-counted.ts'
import { getDeviceFd } from './vfio/group/get-device-fd.ts'
import { groupStatus } from './vfio/group/group-status.ts'
import { group } from './vfio/group/group.ts'
import { iommuGroup } from './vfio/group/iommu-group.ts'
import { compatLeaveContainer } from './vfio/group/leave-container.ts'
import { openGroup } from './vfio/group/open-group.ts'
import { countedReleaseGroup } from './vfio/group/release-group-counted.ts'
import { releaseGroup } from './vfio/group/release-group.ts'
import { countedSetContainer } from './vfio/group/set-container-counted.ts'
import { setContainer } from './vfio/group/set-container.ts'
import { countedUnsetContainer } from './vfio/group/unset-container-counted.ts'
import { unsetContainer } from './vfio/group/unset-container.ts'

export const catalogue: Readonly<Record<string, AnyStateMachine>> = {
  'access-copy': accessCopy,
  'access-pin': accessPin,
  'access-unpin': accessUnpin,
  accesses,
  'account-later': accountLater,
  'alloc-pasid': allocPasid,
  'api-version': apiVersion,
  areas,
  'asked-call': askedCall,
  'attach-device': attachDevice,
  'attach-group': attachGroup,
  'attached-devices': attachedDevices,
  'backend-extension': backendExtension,
  barrier,
  bind,
  'bind-cdev': bindCdev,
  'bind-device': bindDevice,
  'bind-task': bindTask,
  binding,
  bonds,
  'bound-op': boundOp,
  'by-name': byName,
  cell,
  'change-access': changeAccess,
  'change-mappings': changeMappings,
  'change-pasid': changePasid,
  'change-process': changeProcess,
  'check-extension': checkExtension,
  close,
  'close-container': closeContainer,
  'close-device': closeDevice,
  'close-file': closeDeviceFile,
  completion,
  container,
  'container-ioctl': containerIoctl,
  'container-users': containerUsers,
  context: iommufdContext,
  'copy-areas': copyAreas,
  cut,
  deferred,
  'descriptor-call': descriptorCall,
  detach,
  'detach-container': detachContainer,
  'detach-device': detachDevice,
  'detach-group': detachGroup,
  device,
  'device-file': deviceFile,
  'device-ioctl': deviceIoctl,
  'device-life': deviceLife,
  'device-list': deviceListUnmap,
  'device-memory/map': mapDeviceMemory,
  'device-notifier': deviceNotifier,
  devices,
  dissolve,
  'dma-buf': dmaBuf,
  'dma-buf-object': dmaBufObject,
  'dma-rw': dmaRw,
  'dma-unmap': dmaUnmap,
  dmar,
  'driver-of': driverOf,
  'drop-cap': dropCap,
  edu,
  'edu-dma': eduDma,
  either,
  eventfd,
  exec,
  exit,
  'exit-thread': exitThread,
  export: exportDmaBuf,
  'export-bar': exportBar,
  'exported-bar': exportedBar,
  fault,
  'fault-param': faultParam,
  'fault-queue': faultQueue,
  'fault-queue-alloc': faultQueueAlloc,
  'fault-queue-file': faultQueueFile,
  files,
  fill,
  'first-open': firstOpen,
  fork,
  'free-task': freeTask,
  function: pciFunction,
  gated,
  'gated-no-cursor': gatedNoCursor,
  'gated-unlocked-check': gatedUnlockedCheck,
  'get-device-fd': getDeviceFd,
  'get-device-fd-compat': compatGetDeviceFd,
  'get-device-fd-counted': countedGetDeviceFd,
  'get-pages': getPages,
  'give-back': giveBack,
  group,
  'group-status': groupStatus,
  'handle-fault': handleFault,
  'held-pages': heldPages,
  'hold-file': holdFile,
  'hot-reset': hotReset,
  'hot-reset-devices': hotResetDevices,
  'hot-reset-set': hotResetSet,
  'hwpt-alloc': hwptAlloc,
  'in-container': inContainer,
  info: svmInfo,
  inode,
  ioas,
  'ioas-copy': ioasCopy,
  'ioas-map-file': ioasMapFile,
  ioctl,
  'iommu-group': iommuGroup,
  'iommufd-map': iommufdMap,
  'iommufd-pin': iommufdPin,
  'iommufd-unpin': iommufdUnpin,
  'iommufd/destroy': destroy,
  'iommufd/get-object': getObject,
  'iommufd/object': iommufdObject,
  'iommufd/put-object': putObject,
  'irq-handler': irqHandler,
  'join-ioas': joinIoas,
  'kernel-walks': kernelWalks,
  kill,
  'killable-mutex': killableMutex,
  'killable-rwsem': killableRwsem,
  kworker,
  'leave-container': compatLeaveContainer,
  'leave-ioas': leaveIoas,
  'let-go-pages': letGoPages,
  'life/exec': svmExec,
  'life/exit': svmExit,
  'life/process': svmProcess,
  'limit-files': limitFiles,
  list,
  listen,
  load,
  'locked-call': lockedCall,
  map,
  'map-buffer': mapBuffer,
  'map-context': mapContext,
  'map-region': mapRegion,
  'map-vaddr': mapVaddr,
  mdev,
  'mdev-mirror': mdevMirror,
  'mdev-open': mdevOpen,
  'mdev-pin': mdevPin,
  'mdev-rw': mdevRw,
  'mdev-unpin': mdevUnpin,
  memfd,
  mm,
  'mm-exit-gate': mmExitGate,
  mmap,
  mmdrop,
  mmput,
  'mock-domain': mockDomain,
  'module-parameters': moduleParameters,
  'move-bars': moveBars,
  mremap,
  munmap,
  mutex,
  'no-svm': noSvm,
  none,
  nothing,
  'notifier-call-chain': notifierCallChain,
  'notifier-chain': notifierChain,
  'notify-accesses': notifyAccesses,
  'notify-devices': notifyDevices,
  'open-backend': openBackend,
  'open-cdev': openCdev,
  'open-container': openContainer,
  'open-device': openDevice,
  'open-file': openDeviceFile,
  'open-group': openGroup,
  'page-request-queue': pageRequestQueue,
  'page-table-users': pageTableUsers,
  pasid,
  'pci-information': pciInformation,
  'per-mapping': perMapping,
  'per-request': perRequest,
  pin,
  'pin-map': pinMap,
  'pin-run': pinRun,
  process,
  processor,
  ptes,
  'put-files': putFiles,
  ram,
  rcu,
  'region-access': regionAccess,
  'register-notifier': registerNotifier,
  'release-cdev': releaseCdev,
  'release-container': releaseContainer,
  'release-context': releaseContext,
  'release-device': releaseDevice,
  'release-device-compat': compatReleaseDevice,
  'release-device-counted': countedReleaseDevice,
  'release-file': releaseDeviceFile,
  'release-group': releaseGroup,
  'release-group-counted': countedReleaseGroup,
  'release-mm': releaseMm,
  'remove-dma': removeDma,
  'report-fault': reportFault,
  'request-device': requestDevice,
  reset: deviceReset,
  restart,
  'revoking-call': revokingCall,
  rfc29,
  'root-complex': rootComplex,
  rwlock,
  rwsem,
  'send-marker': sendMarker,
  seqcount,
  'set-container': setContainer,
  'set-container-counted': countedSetContainer,
  'set-iommu': setIommu,
  'set-irqs': setIrqs,
  'set-memory': setMemory,
  side,
  signals,
  slab,
  spinlock,
  srcu,
  'start-thread': startThread,
  stop,
  submit,
  'sva-bind': svaBind,
  'sva-domain': svaDomain,
  'sva-unbind': svaUnbind,
  'sva/close': svmClose,
  'sva/container': svmContainer,
  'sva/device': svmDevice,
  'sva/device-file': svmDeviceFile,
  syscall,
  task,
  thread,
  touch,
  translation,
  type1,
  unbind,
  'unbind-task': unbindTask,
  'under-lock': underLock,
  unfill,
  'unknown-ioctl': unknownIoctl,
  unmap: unmapDeviceMemory,
  'unmap-ioctl': unmapIoctl,
  unpin,
  'unregister-device': unregisterDevice,
  'unregister-device-counted': countedUnregisterDevice,
  'unregister-notifier': unregisterNotifier,
  'unset-container': unsetContainer,
  'unset-container-counted': countedUnsetContainer,
  'use-container': useContainer,
  'user-access': userAccess,
  'user-account': userAccount,
  'user-stop': userStop,
  'value-ioctl': valueIoctl,
  vfree,
  'vm-ops-registry': vmOpsRegistry,
  'vma-list': vmaList,
  'vma-ops': vmaOps,
  'vma-private': vmaPrivate,
  'vma-to-pfn': vmaToPfn,
  'vma/fork': deviceMemoryFork,
  'wait-queue': waitQueue,
  'walk-kernel': walkKernel,
  workqueue,
  'zap-by-inode': zapByInode,
  'zap-by-list': zapByList,
}
