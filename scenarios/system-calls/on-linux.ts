/**
 * A story told in system calls: of several threads, on the kernels whose behaviour differs. Where `scenario()` describes a system and a protocol,
 * this says what is called, in the words of a case file (docs/CONFORMANCE.md).
 */
import type { LinuxDescription } from '../../actors/kernel/describe.ts'
import { toldWorld } from '../../actors/kernel/linux.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import type { Inversions } from '../../explore/outcome/report.ts'
import type { Sequence } from '../../explore/runs/order.ts'
import type { Property } from '../../explore/system.ts'
import type { Profile, ProfileName } from '../../machines/profile.ts'
import { scenarioOf, type Expected, type Scenario } from '../told.ts'

/** `before` is made one after the other, to get there; `tasks` is what each thread does, all at once. */
export interface OnLinux extends Pick<LinuxDescription, 'before' | 'tasks' | 'after'> {
  readonly name: string
  readonly family?: string
  readonly windows?: readonly string[]
  readonly source?: string
  readonly why?: string
  /** The kernels it is told on; the first when none is asked for. */
  readonly profiles: readonly ProfileName[]
  /** Changes the kernel: a fix taken back, or one put in early. */
  readonly but?: Partial<Profile>
  /** Which inversions of the order of locks count (default: all). */
  readonly inversions?: Inversions
  /** Only runs in this order are looked at: steps and calls by name, of which each comes before the next. */
  readonly order?: readonly Sequence[]
  readonly properties: readonly Property<LinuxView>[]
  readonly expected?: readonly Expected[]
  /** The same story with something changed: a fix taken back, which the same properties must catch, or one put in. */
  readonly mutants?: readonly Variant[]
}

export type Variant = Partial<Omit<OnLinux, 'mutants' | 'family' | 'source'>> & {
  readonly name: string
  readonly why: string
  readonly expected: readonly Expected[]
}

/** The scenario of a story, and its mutants, each called `<name>+<mutant>`. */
export function onLinux({ mutants = [], ...story }: OnLinux): readonly Scenario[] {
  const made = mutants.map((mutant) => ({
    ...told({ ...story, ...mutant, name: `${story.name}+${mutant.name}` }),
    mutantOf: story.name,
  }))
  return [told(story), ...made]
}

const told = ({ before = [], tasks, after = [], but = {}, profiles, ...story }: Omit<OnLinux, 'mutants'>): Scenario =>
  scenarioOf({
    ...story,
    options: { profile: { values: profiles } },
    world: ({ profile }) => toldWorld({ name: story.name, systemCalls: { profile, but }, before, tasks, after }),
  })
