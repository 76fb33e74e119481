/**
 * The doors by which stories come in that others tell. Each throws a ModelError that names what in a story does not fit; what is wrong with the
 * system that it describes is told when that is built. Ours were looked at by the compiler, and do not pass here.
 */
import { linux } from '../actors/kernel/linux.ts'
import { insist } from '../shapes/insist.ts'
import { onDevices as toldOnDevices, type DeviceStory } from './device-memory/story.ts'
import { deviceStoryShape } from './device-memory/story-shape.ts'
import { onLinux as toldOnLinux, type OnLinux } from './system-calls/on-linux.ts'
import { onLinuxShape } from './system-calls/on-linux-shape.ts'
import { scenarioOn, type Story } from './unmap/scenario.ts'
import { storyShape } from './unmap/story-shape.ts'
import { onPasids as toldOnPasids, type SvmStory } from './svm/story.ts'
import { svmStoryShape } from './svm/story-shape.ts'
import type { Scenario } from './told.ts'
import { insistOnExpected } from './told-shape.ts'

/** A scenario from a story of VFIO. */
export function scenario(story: Story): Scenario {
  insist(storyShape, story, 'scenario()')
  const made = scenarioOn(linux, story)
  insistOnExpected('scenario()', made)
  return made
}

/** The scenario of a story about device memory, and its mutants, each called `<name>+<mutant>`. */
export function onDevices(story: DeviceStory): readonly Scenario[] {
  insist(deviceStoryShape, story, 'onDevices()')
  const made = toldOnDevices(story)
  insistOnExpected('onDevices()', ...made)
  return made
}

/** The scenario of a story about shared virtual memory, and its mutants, each called `<name>+<mutant>`. */
export function onPasids(story: SvmStory): readonly Scenario[] {
  insist(svmStoryShape, story, 'onPasids()')
  const made = toldOnPasids(story)
  insistOnExpected('onPasids()', ...made)
  return made
}

/** The scenario of a story told in system calls, and its mutants, each called `<name>+<mutant>`. */
export function onLinux(story: OnLinux): readonly Scenario[] {
  insist(onLinuxShape, story, 'onLinux()')
  for (const [index, { name: _, why: _why, ...changed }] of (story.mutants ?? []).entries())
    insist(onLinuxShape, { ...story, ...changed, mutants: [] }, 'onLinux()', ['mutants', index])
  const made = toldOnLinux(story)
  insistOnExpected('onLinux()', ...made)
  return made
}
