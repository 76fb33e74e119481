/**
 * What has leaked when a run is over, found as kmemleak finds it: an object that is allocated still, and that no pointer leads to from
 * anybody's data. What only another lost object leads to is lost, too. Threads are no roots: at the end of a run they have nothing more to do,
 * and what only they knew of nobody will free.
 */
import { leaked } from './sanitizer.ts'
import type { Component, Finding } from '../system.ts'
import type { Tables } from '../states/tables.ts'

export function leaksIn({ components, locals }: Tables, state: Int32Array): readonly Finding[] {
  const at = (index: number) => locals[index]![state[index]!]
  const objects = components.flatMap((each, index) => each.heap?.(at(index)) ?? [])
  if (objects.length === 0) return []
  const byName = new Map(objects.map((each) => [each.object, each]))
  const isRoot = (each: Component) => !each.heap && each.thread === undefined
  const open = components.flatMap((each, index) => (isRoot(each) ? (each.leadsTo?.(at(index)) ?? []) : []))
  const reached = new Set<string>()
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue
    reached.add(name)
    open.push(...(byName.get(name)?.leadsTo ?? []))
  }
  return objects.filter(({ object }) => !reached.has(object)).map(leaked)
}
