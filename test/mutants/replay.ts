/** Mutants of the trace of a run. */
import { inFile, type Mutant } from './mutant.ts'

export const ofReplay: readonly Mutant[] = [
  ...inFile('explore/runs/replay.ts', [
    [
      'if (lane === undefined || crashed) throw',
      'if (lane === undefined) throw',
      'a run goes on after a crash',
      'explore/replay',
    ],
    ['crashed ? [] : possible)', 'possible)', 'after a crash other steps are offered', 'explore/replay'],
    ['throw doesNotFit(index + 1,', 'throw doesNotFit(index,', 'the step before is said not to fit', 'explore/replay'],
    [
      'const before = show(tables, entry.component, entry.local)',
      'const before = show(tables, entry.component, entry.next)',
      'the receiver was before what it is behind',
      'explore/replay',
    ],
    [
      'senders.deliver(lane, entry, index + 1)',
      'senders.deliver(lane, entry, index)',
      'messages are sent a step earlier',
      'explore/replay',
    ],
    [
      'locks.see(entry, index + 1)',
      'locks.see(entry, index)',
      'locks change hands a step earlier',
      'explore/lock-watch',
    ],
    [
      "entry.ignored && options.ignored === 'fail'",
      "options.ignored === 'fail'",
      'whatever is heard is ignored',
      'explore/replay',
    ],
    [
      'after: component.show(tables.locals[entry.component]![entry.next])',
      'after: before',
      'a step changes nothing',
      'explore/replay',
    ],
    [
      'to: tables.lanes[target]!.to,',
      'to: tables.lanes[target]!.from,',
      'what is sent goes back to who sends it',
      'explore/replay',
    ],
    [
      'tables.message(target, entry.messages[at]!)',
      'tables.message(target, entry.messages[0]!)',
      'of several messages the first is shown',
      'explore/replay',
    ],
    ['...inversions, ...raced', '...raced', 'the step that completes an inversion does not say so', 'explore/replay'],
    [
      '...(entry.memory.length > 0 && { memory: entry.memory }),',
      'memory: entry.memory,',
      'steps that do not touch memory say so',
      'explore/replay',
    ],
    ['crashed = entry.fatal', 'crashed = false', 'nothing is a crash', 'explore/replay'],
    ['(thread === undefined ? [] : [[id, thread]])', '[[id, thread ?? id]]', 'objects are threads', 'explore/replay'],
    [
      'const open = tables.choices(state).length > 0',
      'const open = tables.choices(state).length > 1',
      'where one step is left the run is over',
      'explore/replay',
    ],
    [
      'const stuck = !open && !crashed && somebodyWaits',
      'const stuck = !open && somebodyWaits',
      'whoever waits after a crash is in a deadlock',
      'explore/replay',
    ],
    [
      'stuck && waiting.length === 0 ? stoppedIn',
      'stuck ? stoppedIn',
      'whoever waits for a lock has stopped besides',
      'explore/replay',
    ],
    ['open || crashed || stuck ? []', 'open || crashed ? []', 'a deadlock has leaks', 'explore/sanitizer'],
    ['open || crashed || stuck ? []', 'open || stuck ? []', 'a crash has leaks', 'explore/replay'],
    ['open || crashed || stuck ? []', 'crashed || stuck ? []', 'a run that goes on has leaks', 'explore/sanitizer'],
    [
      "end: crashed ? 'crashed' : open ? 'open' :",
      "end: open ? 'open' : crashed ? 'crashed' :",
      'a crash in front of which something is left is none',
      'explore/replay',
    ],
    [
      'const request = steps.findLast(',
      'const request = steps.find(',
      'the first request of a thread is the one it waits with',
      'explore/replay',
    ],
    [
      'type: request.message.type, sentAt: request.sentAt',
      'type: request.message.type, sentAt: request.number',
      'a request was sent when it was heard',
      'explore/replay',
    ],
    ['sentAt: senders.head(edge.from, edge.at)', 'sentAt: 0', 'all who wait do so since the start', 'explore/deadlock'],
  ]),
]
