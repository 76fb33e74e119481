/** Versions of Linux that somebody names, and which of the kernels in profile.ts stands for each: itself, or else the nearest. */
import { kernels, type Kernel } from './history.ts'
import { profileNames, type ProfileName } from './profile.ts'

export interface StandIn {
  readonly profile: ProfileName
  /** The version that was recorded; null: it is known from sources. */
  readonly recorded: string | null
  /** It is another one than was asked for. */
  readonly isNearest: boolean
}

/** Debian's 6.1, 6.12 and 7.2; with iommufd 6.12 and 7.2 were built from the same sources. */
const recorded: Readonly<Partial<Record<ProfileName, string>>> = {
  '6.1': '6.1.192',
  '6.12': '6.12.117',
  '7.2': '7.2.12',
  'iommufd-type1': '7.2.12',
  'iommufd-type1v2': '7.2.12',
  'iommufd-6.12': '6.12.117',
  'iommufd-native-6.12': '6.12.117',
  'iommufd-native-7.2': '7.2.12',
}

/** How many versions a major one had: 4.0 to 4.20, 5.0 to 5.19, 6.0 to 6.19. */
const lengths: Readonly<Record<number, number>> = { 4: 21, 5: 20, 6: 20 }

/** Its place in the order of all versions since 4.0; `7.x` is any of them, so the last. */
function placeOf(version: string): number | undefined {
  const found = /^([4-9])\.(\d{1,3}|x)(?:[.-]|$)/.exec(version)
  if (found === null) return undefined
  const major = Number(found[1])
  const before = Object.entries(lengths).reduce((sum, [each, length]) => (Number(each) < major ? sum + length : sum), 0)
  return before + (found[2] === 'x' ? (lengths[major] ?? 20) - 1 : Number(found[2]))
}

const distance = (kernel: Kernel, place: number): number => Math.abs(placeOf(kernel)! - place)

/** Undefined where it is neither a profile nor a version (`6.8`, `6.12.117`, `7.x`). Of two that are as near it is the newer one. */
export function standInFor(typed: string): StandIn | undefined {
  const known = profileNames.find((name) => name === typed)
  const place = placeOf(typed)
  const nearest =
    place === undefined
      ? undefined
      : kernels.toReversed().toSorted((a, b) => distance(a, place) - distance(b, place))[0]
  const profile = known ?? nearest
  if (profile === undefined) return undefined
  const isNearest = known === undefined && place !== placeOf(profile)
  return { profile, recorded: recorded[profile] ?? null, isNearest }
}

/** Of a version that has been checked. */
export const profileFor = (version: string): ProfileName => standInFor(version)!.profile

/** `6.8: as 6.12, the nearest, as recorded on Linux 6.12.117` */
export function standInWords(typed: string, { profile, recorded: on, isNearest }: StandIn): string {
  const how = isNearest ? `as ${profile}, the nearest there is` : `as ${profile}`
  return `${typed === profile ? '' : `${typed}: `}${how}, ${on === null ? 'known from its sources, not recorded' : `recorded on Linux ${on}`}`
}
