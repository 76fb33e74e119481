/** What kinds of files there are, and which of them somebody stands behind who has to hear that the last reference is gone. */

const released = ['container', 'iommufd', 'group', 'device', 'cdev', 'fault queue'] as const
export type ReleasedKind = (typeof released)[number]
export type FileKind = ReleasedKind | 'eventfd' | 'memfd' | 'dma-buf' | 'heap buffer' | 'null'

export const isReleased = ({ kind }: { readonly kind: string }): boolean => released.some((each) => each === kind)
