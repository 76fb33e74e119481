/** What the DMA_UNMAP protocols are called, oldest first; what each is, is in protocols.ts, with all its machines. */
export const protocolNames = [
  'under-lock',
  'per-mapping',
  'per-request',
  'restart',
  'device-list',
  'gated-unlocked-check',
  'gated-no-cursor',
  'gated',
] as const

export type Protocol = (typeof protocolNames)[number]
