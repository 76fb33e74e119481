/**
 * An IOMMU group: its devices, the drivers they are bound to, and who owns its DMA. From 5.19 on a driver that uses DMA
 * of its own (not vfio-pci, not pci-stub) and a user of VFIO keep each other out (CLAIM); before that VFIO looked at
 * the drivers each time (VIABLE).
 *
 * Binding and unbinding one device happens under its device lock; while a driver is letting go, the device has no
 * driver as sysfs shows it (the link goes first), but it is not free for another.
 *
 * Source: Linux 6.1 iommu_group_claim_dma_owner, iommu_device_use_default_domain, drivers/base/dd.c; 4.19
 * vfio_dev_viable, vfio_group_viable.
 * Left out: the IOMMU domain that changes with the owner: nothing is mapped in either.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'

interface Binding {
  readonly driver: string | null
  /** sysfs shows it. */
  readonly shown: boolean
}

type IommuGroupContext = {
  readonly id: string
  readonly bindings: Readonly<Record<string, Binding>>
}
type IommuGroupEvent =
  | (Heard & { readonly type: 'CLAIM' | 'RELEASE' | 'OWNER' })
  | (Heard & { readonly type: 'DRIVER_OF' | 'UNLINK' | 'UNBIND'; readonly device: string })
  | (Heard & {
      readonly type: 'BIND'
      readonly device: string
      readonly driver: string
      /** The driver's probe takes such a device. */
      readonly suits: boolean
    })
  | (Heard & { readonly type: 'VIABLE'; readonly devices: readonly string[]; readonly unbinding: readonly string[] })

/** They leave DMA to whoever comes through them, or do none. */
const withoutDma = ['vfio-pci', 'pci-stub']
const usesDma = (driver: string | null): boolean => driver !== null && !withoutDma.includes(driver)

const isDriven = ({ bindings }: IommuGroupContext): boolean =>
  Object.values(bindings).some(({ driver }) => usesDma(driver))

const bindingOf = ({ bindings }: IommuGroupContext, event: IommuGroupEvent): Binding => {
  assertEvent(event, ['DRIVER_OF', 'BIND', 'UNLINK', 'UNBIND'])
  return bindings[event.device]!
}
const bound = (context: IommuGroupContext, event: IommuGroupEvent, binding: Binding) => {
  assertEvent(event, ['BIND', 'UNLINK', 'UNBIND'])
  return { bindings: { ...context.bindings, [event.device]: binding } }
}

/** Why a driver cannot have a device, if so. */
const refusal = (context: IommuGroupContext, event: IommuGroupEvent, claimed: boolean): string | undefined => {
  assertEvent(event, 'BIND')
  return firstFailing([
    [bindingOf(context, event).driver !== null, '-EBUSY'],
    [claimed && usesDma(event.driver), '-EBUSY'],
    [!event.suits, '-ENODEV'],
  ])
}

/** Each device is VFIO's, or harmless, or on its way out. */
const isViable = ({ bindings }: IommuGroupContext, event: IommuGroupEvent): boolean => {
  assertEvent(event, 'VIABLE')
  return Object.entries(bindings).every(
    ([device, { driver }]) =>
      driver === null || driver === 'pci-stub' || event.devices.includes(device) || event.unbinding.includes(device),
  )
}

export const iommuGroup = setup({
  types: {
    context: {} as IommuGroupContext,
    events: {} as IommuGroupEvent,
    emitted: {} as Said,
    input: {} as {
      readonly id: string
      /** Device → the driver it is bound to. */
      readonly drivers: Readonly<Record<string, string>>
    },
  },
  guards: {
    isDriven: ({ context }) => isDriven(context),
    isRefused: ({ context, event }) => refusal(context, event, false) !== undefined,
    isRefusedNow: ({ context, event }) => refusal(context, event, true) !== undefined,
    isViable: ({ context, event }) => isViable(context, event),
  },
  actions: {
    claim: emit(({ event }, { ret }: { ret: number | string }) => answer(event, 'CLAIMED', { ret })),
    released: emit(({ event }) => answer(event, 'RELEASED')),
    tellOwner: emit(({ event }, { claimed }: { claimed: boolean }) => answer(event, 'OWNER_IS', { claimed })),
    tellDriver: emit(({ context, event }) => {
      const { driver, shown } = bindingOf(context, event)
      return answer(event, 'DRIVER', { driver: shown ? driver : null })
    }),
    refuse: emit(({ context, event }, { claimed }: { claimed: boolean }) =>
      answer(event, 'BOUND', { ret: refusal(context, event, claimed)! }),
    ),
    bind: assign(({ context, event }) => {
      assertEvent(event, 'BIND')
      return bound(context, event, { driver: event.driver, shown: true })
    }),
    bound: emit(({ event }) => answer(event, 'BOUND', { ret: 0 })),
    unlinked: emit(({ context, event }) => answer(event, 'UNLINKED', { driver: bindingOf(context, event).driver })),
    unlink: assign(({ context, event }) =>
      bound(context, event, { driver: bindingOf(context, event).driver, shown: false }),
    ),
    unbind: assign(({ context, event }) => bound(context, event, { driver: null, shown: false })),
    unbound: emit(({ event }) => answer(event, 'UNBOUND')),
    tellViable: emit(({ event }, { viable }: { viable: boolean }) => answer(event, 'VIABLE_IS', { viable })),
  },
}).createMachine({
  id: 'iommuGroup',
  context: ({ input: { id, drivers } }) => ({
    id,
    bindings: Object.fromEntries(
      Object.entries(drivers).map(([device, driver]): [string, Binding] => [device, { driver, shown: true }]),
    ),
  }),
  initial: 'unclaimed',
  on: {
    DRIVER_OF: { actions: 'tellDriver' },
    UNLINK: { actions: ['unlinked', 'unlink'] },
    UNBIND: { actions: ['unbind', 'unbound'] },
    VIABLE: [
      { guard: 'isViable', actions: { type: 'tellViable', params: { viable: true } } },
      { actions: { type: 'tellViable', params: { viable: false } } },
    ],
  },
  states: {
    unclaimed: {
      on: {
        CLAIM: [
          { guard: 'isDriven', actions: { type: 'claim', params: { ret: '-EPERM' } } },
          { target: 'claimed', actions: { type: 'claim', params: { ret: 0 } } },
        ],
        OWNER: [
          { guard: 'isDriven', actions: { type: 'tellOwner', params: { claimed: true } } },
          { actions: { type: 'tellOwner', params: { claimed: false } } },
        ],
        BIND: [
          { guard: 'isRefused', actions: { type: 'refuse', params: { claimed: false } } },
          { actions: ['bind', 'bound'] },
        ],
      },
    },
    claimed: {
      on: {
        CLAIM: { actions: { type: 'claim', params: { ret: '-EPERM' } } },
        OWNER: { actions: { type: 'tellOwner', params: { claimed: true } } },
        RELEASE: { target: 'unclaimed', actions: 'released' },
        BIND: [
          { guard: 'isRefusedNow', actions: { type: 'refuse', params: { claimed: true } } },
          { actions: ['bind', 'bound'] },
        ],
      },
    },
  },
})
