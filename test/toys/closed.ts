/** A system that nobody looks into: threads that are told to go, and what they share. */
import type { Component, System } from '../../explore/system.ts'
import { begin } from './component.ts'

export const closed = (name: string, fingerprint: string, components: readonly Component[]): System<null> => ({
  name,
  fingerprint,
  components,
  start: components.flatMap(({ id, thread }) => (thread === undefined ? [] : [begin(id)])),
  view: () => null,
})
