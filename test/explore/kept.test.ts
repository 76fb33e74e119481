/** Answers that are kept from one search to the next: who asks no component again finds the same. */
import { describe, expect, test } from 'vitest'
import { KeptActors } from '../../actors/kept.ts'
import { toSystem } from '../../actors/system.ts'
import type { World } from '../../actors/world.ts'
import { explore } from '../../explore/index.ts'
import { keepAnswers } from '../../explore/kept.ts'
import type { Report } from '../../explore/report.ts'
import { decided } from '../../scenarios/choices.ts'
import { findScenario } from '../../scenarios/index.ts'
import { pingPong } from '../toys/ping-pong.ts'

const untimed = ({ seconds: _, ...report }: Report): object => report

/** One of each family, and one whose actors are procedures. */
const told = ['stale-dma', 'late-pin', 'open-close-deadlock', 'put-object']

/** The world of a scenario, told anew each time. */
const worldOf = (name: string): World => {
  const scenario = findScenario(name)!
  const choices = decided(scenario.choices, {})
  // A scenario hands out the last world again to whoever asks for the same.
  scenario.world({ ...choices, again: 'other' } as typeof choices)
  return scenario.world(choices)
}
