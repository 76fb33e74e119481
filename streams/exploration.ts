/** A search as a stream: how far it is, what it finds, and in the end its report. */
import { Observable } from 'rxjs'
import type { Progress, Report } from '../explore/outcome/report.ts'
import type { Property, System } from '../explore/system.ts'

export type Exploring =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'finding'; readonly finding: string }
  | { readonly type: 'report'; readonly report: Report }

/** A search that can be resumed. It is handed in, because streams know what a search looks like but not how to search. */
export type Searching<Options> = (
  system: System<any>,
  properties: readonly Property[],
  options?: Options,
) => Generator<Progress, Report>

/**
 * Searches a slice at a time and lets the event loop turn between slices. Unsubscribing stops the search without a report; to stop it with
 * one, abort the `signal` in its options.
 */
export const explorationBy =
  <Options>(searching: Searching<Options>) =>
  (system: System<any>, properties: readonly Property[], options?: Options): Observable<Exploring> =>
    new Observable<Exploring>((consumer) => {
      const search = searching(system, properties, options)
      const told = new Set<string>()
      let turn = setImmediate(slice)

      function slice(): void {
        try {
          const { done, value } = search.next()
          if (done) return finish(value)
          consumer.next({ type: 'progress', progress: value })
          value.findings.forEach(tell)
        } catch (cause) {
          return consumer.error(cause)
        }
        if (!consumer.closed) turn = setImmediate(slice)
      }

      function tell(finding: string): void {
        if (told.has(finding)) return
        told.add(finding)
        consumer.next({ type: 'finding', finding })
      }

      function finish(report: Report): void {
        consumer.next({ type: 'report', report })
        consumer.complete()
      }

      return () => {
        clearImmediate(turn)
        search.return(undefined as never)
      }
    })
