/** Every machine by the name of its file: for export, and for whoever wants to look at a chart. */
import type { AnyStateMachine } from 'xstate'
import { dmaUnmap } from './bus/dma-unmap.ts'
import { mdevMirror } from './bus/mdev-mirror.ts'
import { mdevOpen } from './bus/mdev-open.ts'
import { mdevPin } from './bus/mdev-pin.ts'
import { mdevRw } from './bus/mdev-rw.ts'
import { mdevUnpin } from './bus/mdev-unpin.ts'
import { mdev } from './bus/mdev.ts'
import { accountLater } from './iommu/account-later.ts'
import { attachGroup } from './iommu/attach-group.ts'
import { backendExtension } from './iommu/backend-extension.ts'
import { detachGroup } from './iommu/detach-group.ts'
import { deviceNotifier } from './iommu/device-memory/device-notifier.ts'
import { dmaBufObject } from './iommu/device-memory/dma-buf-object.ts'
import { dmaBuf } from './iommu/device-memory/dma-buf.ts'
import { deviceMappings } from './iommu/device-memory/dmas.ts'
import { exportDmaBuf } from './iommu/device-memory/export.ts'
import { mapDeviceMemory } from './iommu/device-memory/map.ts'
import { none } from './iommu/device-memory/none.ts'
import { unmapDeviceMemory } from './iommu/device-memory/unmap.ts'
import { vmOpsRegistry } from './iommu/device-memory/vm-ops-registry.ts'
import { vmaOps } from './iommu/device-memory/vma-ops.ts'
import { vmaPrivate } from './iommu/device-memory/vma-private.ts'
import { vmaToPfn } from './iommu/device-memory/vma-to-pfn.ts'
import { devices } from './iommu/devices.ts'
import { dmaRw } from './iommu/dma-rw.ts'
import { dmar } from './iommu/dmar.ts'
import { giveBack } from './iommu/give-back.ts'
import { inContainer } from './iommu/in-container.ts'
import { accessCopy } from './iommu/iommufd/access-copy.ts'
import { accessPin } from './iommu/iommufd/access-pin.ts'
import { accessUnpin } from './iommu/iommufd/access-unpin.ts'
import { accesses } from './iommu/iommufd/accesses.ts'
import { attachDevice } from './iommu/iommufd/attach-device.ts'
import { bindDevice } from './iommu/iommufd/bind-device.ts'
import { changeAccess } from './iommu/iommufd/change-access.ts'
import { iommufdContext } from './iommu/iommufd/context.ts'
import { cut } from './iommu/iommufd/cut.ts'
import { destroy } from './iommu/iommufd/destroy.ts'
import { detachDevice } from './iommu/iommufd/detach-device.ts'
import { fill } from './iommu/iommufd/fill.ts'
import { getObject } from './iommu/iommufd/get-object.ts'
import { getPages } from './iommu/iommufd/get-pages.ts'
import { holdFile } from './iommu/iommufd/hold-file.ts'
import { ioas } from './iommu/iommufd/ioas.ts'
import { ioctl } from './iommu/iommufd/ioctl.ts'
import { iommufdMap } from './iommu/iommufd/iommufd-map.ts'
import { iommufdPin } from './iommu/iommufd/iommufd-pin.ts'
import { iommufdUnpin } from './iommu/iommufd/iommufd-unpin.ts'
import { joinIoas } from './iommu/iommufd/join-ioas.ts'
import { leaveIoas } from './iommu/iommufd/leave-ioas.ts'
import { mockDomain } from './iommu/iommufd/mock-domain.ts'
import { notifyAccesses } from './iommu/iommufd/notify-accesses.ts'
import { iommufdObject } from './iommu/iommufd/object.ts'
import { pageTableUsers } from './iommu/iommufd/page-table-users.ts'
import { putObject } from './iommu/iommufd/put-object.ts'
import { releaseContext } from './iommu/iommufd/release-context.ts'
import { unfill } from './iommu/iommufd/unfill.ts'
import { unknownIoctl } from './iommu/iommufd/unknown-ioctl.ts'
import { listen } from './iommu/listen.ts'
import { mapVaddr } from './iommu/map-vaddr.ts'
import { map } from './iommu/map.ts'
import { moduleParameters } from './iommu/module-parameters.ts'
import { notifyDevices } from './iommu/notify-devices.ts'
import { openBackend } from './iommu/open-backend.ts'
import { pinMap } from './iommu/pin-map.ts'
import { pinRun } from './iommu/pin-run.ts'
import { pin } from './iommu/pin.ts'
import { allocPasid } from './iommu/svm/alloc-pasid.ts'
import { bindTask } from './iommu/svm/bind-task.ts'
import { bonds } from './iommu/svm/bonds.ts'
import { faultParam } from './iommu/svm/fault-param.ts'
import { handleFault } from './iommu/svm/handle-fault.ts'
import { kernelWalks } from './iommu/svm/kernel-walks.ts'
import { mmExitGate } from './iommu/svm/mm-exit-gate.ts'
import { noSvm } from './iommu/svm/no-svm.ts'
import { pasid } from './iommu/svm/pasid.ts'
import { releaseMm } from './iommu/svm/release-mm.ts'
import { reportFault } from './iommu/svm/report-fault.ts'
import { svaBind } from './iommu/svm/sva-bind.ts'
import { svaUnbind } from './iommu/svm/sva-unbind.ts'
import { translation } from './iommu/svm/translation.ts'
import { unbindTask } from './iommu/svm/unbind-task.ts'
import { type1 } from './iommu/type1.ts'
import { unmapIoctl } from './iommu/unmap-ioctl.ts'
import { deviceListUnmap } from './iommu/unmap/device-list.ts'
import { gatedNoCursor } from './iommu/unmap/gated-no-cursor.ts'
import { gatedUnlockedCheck } from './iommu/unmap/gated-unlocked-check.ts'
import { gated } from './iommu/unmap/gated.ts'
import { perMapping } from './iommu/unmap/per-mapping.ts'
import { perRequest } from './iommu/unmap/per-request.ts'
import { restart } from './iommu/unmap/restart.ts'
import { underLock } from './iommu/unmap/under-lock.ts'
import { unpin } from './iommu/unpin.ts'
import { barrier } from './kernel/barrier.ts'
import { cell } from './kernel/cell.ts'
import { completion } from './kernel/completion.ts'
import { deferred } from './kernel/deferred.ts'
import { either } from './kernel/either.ts'
import { eventfd } from './kernel/eventfd.ts'
import { files } from './kernel/files.ts'
import { irqHandler } from './kernel/irq-handler.ts'
import { killableMutex } from './kernel/killable-mutex.ts'
import { killableRwsem } from './kernel/killable-rwsem.ts'
import { kworker } from './kernel/kworker.ts'
import { list } from './kernel/list.ts'
import { lockedCall } from './kernel/locked-call.ts'
import { mutex } from './kernel/mutex.ts'
import { notifierCallChain } from './kernel/notifier-call-chain.ts'
import { notifierChain } from './kernel/notifier-chain.ts'
import { processor } from './kernel/processor.ts'
import { rcu } from './kernel/rcu.ts'
import { rwlock } from './kernel/rwlock.ts'
import { rwsem } from './kernel/rwsem.ts'
import { seqcount } from './kernel/seqcount.ts'
import { side } from './kernel/side.ts'
import { signals } from './kernel/signals.ts'
import { slab } from './kernel/slab.ts'
import { spinlock } from './kernel/spinlock.ts'
import { srcu } from './kernel/srcu.ts'
import { waitQueue } from './kernel/wait-queue.ts'
import { workqueue } from './kernel/workqueue.ts'
import { changeMappings } from './mm/change-mappings.ts'
import { areas } from './mm/device-memory/areas.ts'
import { fault } from './mm/device-memory/fault.ts'
import { fork as deviceMemoryFork } from './mm/device-memory/fork.ts'
import { inode } from './mm/device-memory/inode.ts'
import { load } from './mm/device-memory/load.ts'
import { mmap } from './mm/device-memory/mmap.ts'
import { mremap } from './mm/device-memory/mremap.ts'
import { munmap } from './mm/device-memory/munmap.ts'
import { ptes } from './mm/device-memory/ptes.ts'
import { mm } from './mm/mm.ts'
import { ram } from './mm/ram.ts'
import { svmExec } from './mm/svm/exec.ts'
import { svmExit } from './mm/svm/exit.ts'
import { mmdrop } from './mm/svm/mmdrop.ts'
import { mmput } from './mm/svm/mmput.ts'
import { svmProcess } from './mm/svm/process.ts'
import { vfree } from './mm/svm/vfree.ts'
import { userAccess } from './mm/user-access.ts'
import { deviceIoctl } from './pci/device-ioctl.ts'
import { hotResetSet } from './pci/device-memory/hot-reset.ts'
import { deviceReset } from './pci/device-memory/reset.ts'
import { rootComplex } from './pci/device-memory/root-complex.ts'
import { setMemory } from './pci/device-memory/set-memory.ts'
import { vmaList } from './pci/device-memory/vma-list.ts'
import { zapByInode } from './pci/device-memory/zap-by-inode.ts'
import { zapByList } from './pci/device-memory/zap-by-list.ts'
import { eduDma } from './pci/edu-dma.ts'
import { edu } from './pci/edu.ts'
import { pciFunction } from './pci/function.ts'
import { hotReset } from './pci/hot-reset.ts'
import { mapRegion } from './pci/map-region.ts'
import { pciInformation } from './pci/pci-information.ts'
import { regionAccess } from './pci/region-access.ts'
import { setIrqs } from './pci/set-irqs.ts'
import { device as svmDevice } from './pci/svm/device.ts'
import { pageRequestQueue } from './pci/svm/page-request-queue.ts'
import { sendMarker } from './pci/svm/send-marker.ts'
import { stop } from './pci/svm/stop.ts'
import { submit } from './pci/svm/submit.ts'
import { touch } from './pci/svm/touch.ts'
import { userStop } from './pci/svm/user-stop.ts'
import { walkKernel } from './pci/svm/walk-kernel.ts'
import { close } from './user/close.ts'
import { descriptorCall } from './user/descriptor-call.ts'
import { exec } from './user/exec.ts'
import { exitThread } from './user/exit-thread.ts'
import { exit } from './user/exit.ts'
import { fork } from './user/fork.ts'
import { kill } from './user/kill.ts'
import { limitFiles } from './user/limit-files.ts'
import { nothing } from './user/nothing.ts'
import { process } from './user/process.ts'
import { putFiles } from './user/put-files.ts'
import { startThread } from './user/start-thread.ts'
import { askedCall } from './user/asked-call.ts'
import { syscall } from './user/syscall.ts'
import { freeTask } from './user/free-task.ts'
import { task } from './user/task.ts'
import { thread } from './user/thread.ts'
import { apiVersion } from './vfio/api-version.ts'
import { bind } from './vfio/bind.ts'
import { byName } from './vfio/by-name.ts'
import { bindCdev } from './vfio/cdev/bind-cdev.ts'
import { boundOp } from './vfio/cdev/bound-op.ts'
import { openCdev } from './vfio/cdev/open-cdev.ts'
import { releaseCdev } from './vfio/cdev/release-cdev.ts'
import { checkExtension } from './vfio/check-extension.ts'
import { closeDevice } from './vfio/close-device.ts'
import { binding } from './vfio/compat/binding.ts'
import { firstOpen } from './vfio/compat/first-open.ts'
import { compatGetDeviceFd } from './vfio/compat/get-device-fd.ts'
import { compatLeaveContainer } from './vfio/compat/leave-container.ts'
import { compatReleaseDevice } from './vfio/compat/release-device.ts'
import { compatSetContainer } from './vfio/compat/set-container.ts'
import { containerIoctl } from './vfio/container-ioctl.ts'
import { container } from './vfio/container.ts'
import { dissolve } from './vfio/counted/dissolve.ts'
import { countedGetDeviceFd } from './vfio/counted/get-device-fd.ts'
import { countedReleaseDevice } from './vfio/counted/release-device.ts'
import { countedReleaseGroup } from './vfio/counted/release-group.ts'
import { countedSetContainer } from './vfio/counted/set-container.ts'
import { countedUnregisterDevice } from './vfio/counted/unregister-device.ts'
import { countedUnsetContainer } from './vfio/counted/unset-container.ts'
import { detachContainer } from './vfio/detach-container.ts'
import { detach } from './vfio/detach.ts'
import { closeContainer } from './vfio/device-memory/close-container.ts'
import { closeDeviceFile } from './vfio/device-memory/close.ts'
import { containerUsers } from './vfio/device-memory/container-users.ts'
import { deviceFile } from './vfio/device-memory/device-file.ts'
import { deviceLife } from './vfio/device-memory/device-life.ts'
import { openDeviceFile } from './vfio/device-memory/open.ts'
import { releaseDeviceFile } from './vfio/device-memory/release.ts'
import { device } from './vfio/device.ts'
import { driverOf } from './vfio/driver-of.ts'
import { getDeviceFd } from './vfio/get-device-fd.ts'
import { groupStatus } from './vfio/group-status.ts'
import { group } from './vfio/group.ts'
import { iommuGroup } from './vfio/iommu-group.ts'
import { openContainer } from './vfio/open-container.ts'
import { openDevice } from './vfio/open-device.ts'
import { openGroup } from './vfio/open-group.ts'
import { registerNotifier } from './vfio/register-notifier.ts'
import { releaseContainer } from './vfio/release-container.ts'
import { releaseDevice } from './vfio/release-device.ts'
import { releaseGroup } from './vfio/release-group.ts'
import { requestDevice } from './vfio/request-device.ts'
import { setContainer } from './vfio/set-container.ts'
import { setIommu } from './vfio/set-iommu.ts'
import { attachedDevices } from './vfio/svm/attached-devices.ts'
import { svmClose } from './vfio/svm/close.ts'
import { container as svmContainer } from './vfio/svm/container.ts'
import { svmDeviceFile } from './vfio/svm/device-file.ts'
import { svmInfo } from './vfio/svm/info.ts'
import { rfc29 } from './vfio/svm/rfc29.ts'
import { svaDomain } from './vfio/svm/sva-domain.ts'
import { unbind } from './vfio/unbind.ts'
import { unregisterDevice } from './vfio/unregister-device.ts'
import { unregisterNotifier } from './vfio/unregister-notifier.ts'
import { unsetContainer } from './vfio/unset-container.ts'
import { valueIoctl } from './vfio/value-ioctl.ts'

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
  cell,
  'by-name': byName,
  'change-access': changeAccess,
  'change-mappings': changeMappings,
  'check-extension': checkExtension,
  close,
  'close-container': closeContainer,
  'close-device': closeDevice,
  'compat/get-device-fd': compatGetDeviceFd,
  'compat/release-device': compatReleaseDevice,
  'compat/set-container': compatSetContainer,
  completion,
  container,
  'container-ioctl': containerIoctl,
  'container-users': containerUsers,
  context: iommufdContext,
  'counted/get-device-fd': countedGetDeviceFd,
  'counted/release-device': countedReleaseDevice,
  'counted/release-group': countedReleaseGroup,
  'counted/set-container': countedSetContainer,
  'counted/unregister-device': countedUnregisterDevice,
  'counted/unset-container': countedUnsetContainer,
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
  'device-memory/close': closeDeviceFile,
  'device-memory/fork': deviceMemoryFork,
  'device-memory/hot-reset': hotResetSet,
  'device-memory/map': mapDeviceMemory,
  'device-notifier': deviceNotifier,
  devices,
  dissolve,
  'dma-buf': dmaBuf,
  'dma-buf-object': dmaBufObject,
  'dma-rw': dmaRw,
  'dma-unmap': dmaUnmap,
  dmar,
  dmas: deviceMappings,
  'driver-of': driverOf,
  edu,
  'edu-dma': eduDma,
  either,
  eventfd,
  exec,
  exit,
  'exit-thread': exitThread,
  export: exportDmaBuf,
  fault,
  'fault-param': faultParam,
  files,
  fill,
  'first-open': firstOpen,
  fork,
  function: pciFunction,
  gated,
  'gated-no-cursor': gatedNoCursor,
  'gated-unlocked-check': gatedUnlockedCheck,
  'get-device-fd': getDeviceFd,
  'get-pages': getPages,
  'give-back': giveBack,
  group,
  'group-status': groupStatus,
  'handle-fault': handleFault,
  'hold-file': holdFile,
  'hot-reset': hotReset,
  'in-container': inContainer,
  info: svmInfo,
  inode,
  ioas,
  ioctl,
  'iommu-group': iommuGroup,
  'iommufd/destroy': destroy,
  'iommufd/get-object': getObject,
  'iommufd/object': iommufdObject,
  'iommufd/put-object': putObject,
  'iommufd-map': iommufdMap,
  'iommufd-pin': iommufdPin,
  'iommufd-unpin': iommufdUnpin,
  'irq-handler': irqHandler,
  'join-ioas': joinIoas,
  'kernel-walks': kernelWalks,
  kill,
  'killable-mutex': killableMutex,
  'killable-rwsem': killableRwsem,
  kworker,
  'leave-container': compatLeaveContainer,
  'leave-ioas': leaveIoas,
  'limit-files': limitFiles,
  list,
  listen,
  load,
  'locked-call': lockedCall,
  map,
  'map-region': mapRegion,
  'map-vaddr': mapVaddr,
  mdev,
  'mdev-mirror': mdevMirror,
  'mdev-open': mdevOpen,
  'mdev-pin': mdevPin,
  'mdev-rw': mdevRw,
  'mdev-unpin': mdevUnpin,
  mm,
  'mm-exit-gate': mmExitGate,
  mmap,
  mmdrop,
  mmput,
  'mock-domain': mockDomain,
  'module-parameters': moduleParameters,
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
  open: openDeviceFile,
  'open-backend': openBackend,
  'open-cdev': openCdev,
  'open-container': openContainer,
  'open-device': openDevice,
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
  release: releaseDeviceFile,
  'release-cdev': releaseCdev,
  'release-container': releaseContainer,
  'release-context': releaseContext,
  'release-device': releaseDevice,
  'release-group': releaseGroup,
  'release-mm': releaseMm,
  'report-fault': reportFault,
  'request-device': requestDevice,
  reset: deviceReset,
  restart,
  rfc29,
  'root-complex': rootComplex,
  rwlock,
  rwsem,
  'send-marker': sendMarker,
  seqcount,
  'set-container': setContainer,
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
  'svm/close': svmClose,
  'svm/container': svmContainer,
  'svm/device': svmDevice,
  'svm/device-file': svmDeviceFile,
  'svm/exec': svmExec,
  'svm/exit': svmExit,
  'svm/process': svmProcess,
  syscall,
  task,
  'free-task': freeTask,
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
  'unregister-notifier': unregisterNotifier,
  'unset-container': unsetContainer,
  'user-access': userAccess,
  'user-stop': userStop,
  'value-ioctl': valueIoctl,
  vfree,
  'vm-ops-registry': vmOpsRegistry,
  'vma-list': vmaList,
  'vma-ops': vmaOps,
  'vma-private': vmaPrivate,
  'vma-to-pfn': vmaToPfn,
  'walk-kernel': walkKernel,
  'wait-queue': waitQueue,
  workqueue,
  'zap-by-inode': zapByInode,
  'zap-by-list': zapByList,
}
