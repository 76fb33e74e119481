/** Every machine by the name of its file: for export, and for whoever wants to look at a chart. */
import type { AnyStateMachine } from 'xstate'
import { dmaUnmap } from './bus/dma-unmap.ts'
import { mdevMirror } from './bus/mdev-mirror.ts'
import { mdevPin } from './bus/mdev-pin.ts'
import { mdevUnpin } from './bus/mdev-unpin.ts'
import { mdev } from './bus/mdev.ts'
import { devices } from './iommu/devices.ts'
import { accesses } from './iommu/iommufd/accesses.ts'
import { ioas } from './iommu/iommufd/ioas.ts'
import { iommufdMap } from './iommu/iommufd/iommufd-map.ts'
import { iommufdPin } from './iommu/iommufd/iommufd-pin.ts'
import { iommufdUnpin } from './iommu/iommufd/iommufd-unpin.ts'
import { notifyAccesses } from './iommu/iommufd/notify-accesses.ts'
import { map } from './iommu/map.ts'
import { notifyDevices } from './iommu/notify-devices.ts'
import { pin } from './iommu/pin.ts'
import { type1 } from './iommu/type1.ts'
import { deviceListUnmap } from './iommu/unmap/device-list.ts'
import { gatedNoCursor } from './iommu/unmap/gated-no-cursor.ts'
import { gatedUnlockedCheck } from './iommu/unmap/gated-unlocked-check.ts'
import { gated } from './iommu/unmap/gated.ts'
import { perMapping } from './iommu/unmap/per-mapping.ts'
import { perRequest } from './iommu/unmap/per-request.ts'
import { restart } from './iommu/unmap/restart.ts'
import { underLock } from './iommu/unmap/under-lock.ts'
import { unpin } from './iommu/unpin.ts'
import { mutex } from './kernel/mutex.ts'
import { notifierCallChain } from './kernel/notifier-call-chain.ts'
import { notifierChain } from './kernel/notifier-chain.ts'
import { rwsem } from './kernel/rwsem.ts'
import { task } from './user/task.ts'
import { closeDevice } from './vfio/close-device.ts'
import { container } from './vfio/container.ts'
import { detach } from './vfio/detach.ts'
import { group } from './vfio/group.ts'
import { openDevice } from './vfio/open-device.ts'
import { registerNotifier } from './vfio/register-notifier.ts'
import { setIommu } from './vfio/set-iommu.ts'
import { unregisterNotifier } from './vfio/unregister-notifier.ts'

export const catalogue: Readonly<Record<string, AnyStateMachine>> = {
  accesses,
  'close-device': closeDevice,
  container,
  detach,
  'device-list': deviceListUnmap,
  devices,
  'dma-unmap': dmaUnmap,
  'gated-no-cursor': gatedNoCursor,
  'gated-unlocked-check': gatedUnlockedCheck,
  gated,
  group,
  ioas,
  'iommufd-map': iommufdMap,
  'iommufd-pin': iommufdPin,
  'iommufd-unpin': iommufdUnpin,
  map,
  'mdev-mirror': mdevMirror,
  'mdev-pin': mdevPin,
  'mdev-unpin': mdevUnpin,
  mdev,
  mutex,
  'notifier-call-chain': notifierCallChain,
  'notifier-chain': notifierChain,
  'notify-accesses': notifyAccesses,
  'notify-devices': notifyDevices,
  'open-device': openDevice,
  'per-mapping': perMapping,
  'per-request': perRequest,
  pin,
  'register-notifier': registerNotifier,
  restart,
  rwsem,
  'set-iommu': setIommu,
  task,
  type1,
  'under-lock': underLock,
  unpin,
  'unregister-notifier': unregisterNotifier,
}
