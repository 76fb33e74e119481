/** What actors are called: as an admin would see them, and bare where there is only one of a kind. */
export interface Names {
  /** The name of something that belongs to one container. */
  in(container: string, base: string): string
  /** The name of a procedure of a container; of one of its groups (or devices) where it matters which. */
  procedure(container: string, base: string, member?: string): string
}

/** `members` of each container: whatever procedures may differ by. */
export function namesFor(members: ReadonlyMap<string, readonly string[]>): Names {
  const inContainer = (container: string, base: string) => (members.size === 1 ? base : `${base}@${container}`)
  return {
    in: inContainer,
    procedure(container, base, member) {
      const several = (members.get(container)?.length ?? 0) > 1
      return inContainer(container, member !== undefined && several ? `${base}.${member}` : base)
    },
  }
}

/** A call: one activation of a procedure on behalf of a task. */
export const callName = (task: string, procedure: string): string => `${task}/${procedure}`

/** What several parts call by one name, each of which may be described without the others. */
export const common = {
  /** Where memory of devices is reached. */
  hardware: 'hardware',
  container: (container: string) => ({ lock: `${container}.lock`, type1: `${container}.type1` }),
  /** Calls of a task: what the protocol of device memory does, what unmaps areas, what closes a device. */
  protocol: callName,
  munmap: (task: string): string => callName(task, 'munmap'),
  close: (task: string, device: string): string => callName(task, `${device}.close`),
} as const
