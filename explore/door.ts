/**
 * relock/explore: a model checker for systems of components that exchange messages, and for tables of guarded commands. It knows nothing of
 * VFIO, of statecharts or of streams. See docs/CHECKER.md.
 */
export { checkpointIn } from './several/checkpoint-files.ts'
export { fromCommands, type Command, type CommandTable, type Said, type Variables } from './commands/commands.ts'
export { memoryWithin, type MemoryBound, type MemoryOptions } from './spill/bound.ts'
export { ModelError } from './errors.ts'
export { follow, type Followed, type FollowOptions } from './runs/follow.ts'
export { explore, replay, searching, type ExploreOptions } from './index.ts'
export { always, alwaysStep, eventually, sometimes } from './claims/properties.ts'
export type {
  FindingReport,
  IgnoredReport,
  JudgedReport,
  LockOrderReport,
  Progress,
  PropertyReport,
  Report,
  Schedule,
  Verdict,
} from './outcome/report.ts'
export type { Component, Finding, Memory, Message, Note, Outcome, Property, Send, Shown, System } from './system.ts'
export type { Trace, TraceStep } from './runs/trace.ts'
