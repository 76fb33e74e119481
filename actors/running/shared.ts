/**
 * Actors of different worlds that are alike in all that is said of them: the same machine, name, input, place to go on from, and claims. They are
 * one component, and what it has answered in one world is not asked again in the next. For worlds of ours, whose machines are made once.
 */
import { keepAnswers } from '../../explore/states/kept.ts'
import type { Component, System } from '../../explore/system.ts'
import { isSameActor } from './kept.ts'
import { component, systemOfComponents } from './system.ts'
import type { ActorSpec, World } from '../world/world.ts'

interface Shared {
  readonly spec: ActorSpec
  readonly component: Component
}

/** Enough for all worlds of a story; beyond twice as many, those that were not asked for longest are forgotten. */
const mostKept = 1000

let recent = new Map<ActorSpec['machine'], Map<string, Shared[]>>()
let before: typeof recent = new Map()
let kept = 0

const find = (among: typeof recent, spec: ActorSpec): Component | undefined =>
  among
    .get(spec.machine)
    ?.get(spec.id)
    ?.find((each) => isSameActor(each.spec, spec))?.component

const keep = (spec: ActorSpec, one: Component): Component => {
  if (kept++ === mostKept) [before, recent, kept] = [recent, new Map(), 1]
  const byId = recent.get(spec.machine) ?? new Map<string, Shared[]>()
  recent.set(spec.machine, byId)
  byId.set(spec.id, [...(byId.get(spec.id) ?? []), { spec, component: one }])
  keepAnswers(one)
  return one
}

/** The system of a world of ours. */
export const sharedSystem = (world: World<any>): System<any> =>
  systemOfComponents(world, (spec) => find(recent, spec) ?? keep(spec, find(before, spec) ?? component(spec)))
