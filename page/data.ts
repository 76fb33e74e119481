/**
 * What a page carries: text and numbers, as JSON in the file. Made by `make/`, walked by `walk/`, drawn by `view/`.
 *
 * Texts stand once in `texts` and are meant by their place in it (`Text`), with all that cannot be seen in them made visible.
 */

/** A place in `texts`. */
export type Text = number

export type Sign = 'yes' | 'no' | 'bounded' | 'unknown'

export interface PageData {
  readonly version: 1
  /** What was asked, as it was typed. */
  readonly command: string
  /** There is a server behind the page that knows more. */
  readonly served?: true | undefined
  readonly texts: readonly string[]
  readonly searches: readonly SearchData[]
  readonly models: readonly ModelData[]
  readonly runs: readonly RunData[]
  /** What was compared. */
  readonly tables: readonly TableData[]
  /** Orders of locks. */
  readonly orders: readonly OrderData[]
}

/** Boxes and arrows, laid out. Places are in pixels; of a box, its middle. */
export interface GraphData {
  readonly width: number
  readonly height: number
  readonly boxes: readonly BoxData[]
  readonly arrows: readonly ArrowData[]
}

export interface BoxData {
  readonly name: string
  /** What is written in it, if less than its name: others lie around it. */
  readonly label?: string
  /** Around it and all that lie in it. */
  readonly frame?: FrameData
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Places as of a box. */
export interface FrameData {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** What lies in it is active together. */
  readonly regions?: true
}

export interface ArrowData {
  /** Boxes. */
  readonly from: number
  readonly to: number
  readonly label: string
  /** Where the label stands. */
  readonly at: readonly [x: number, y: number]
  /** x and y, one after the other. */
  readonly way: readonly number[]
}

/** What is claimed, by protocol or whatever else stands above the columns. */
export interface TableData {
  readonly title: string
  readonly facts: readonly string[]
  readonly columns: readonly string[]
  readonly rows: readonly {
    readonly name: string
    readonly cells: readonly CellData[]
  }[]
}

export interface CellData {
  readonly sign: Sign | 'none'
  /** What is said of it: `use-after-free in …: stale-dma`. */
  readonly said: string
  readonly run?: number
}

/** The order of locks by class; an arrow leads from what was held to what was asked for. */
export interface OrderData {
  readonly of: string
  readonly verdict: 'holds' | 'violated' | 'undecided'
  readonly graph: GraphData
  /** By arrow: who asked, in which call, and the run that shows it. */
  readonly edges: readonly { readonly words: string; readonly bad: boolean; readonly run?: number }[]
  readonly inversions: readonly {
    readonly title: string
    readonly judged: string
    /** As lockdep prints it. */
    readonly lines: readonly string[]
    readonly deadlock?: number
  }[]
}

/** How far a search is, as a server tells it. */
export interface ProgressData {
  readonly of: string
  readonly states: number
  readonly steps: number
  readonly depth: number
  readonly seconds: number
  readonly frontier: readonly number[]
  readonly findings: readonly string[]
}

/** One search, as the terminal tells it. */
export interface SearchData {
  readonly of: string
  readonly verdict: 'holds' | 'violated' | 'undecided'
  readonly facts: readonly string[]
  readonly claims: readonly ClaimData[]
  readonly findings: readonly FindingData[]
  readonly remarks: readonly string[]
  /** States at each depth. */
  readonly frontier: readonly number[]
  readonly exhaustive: boolean
}

export interface ClaimData {
  readonly sign: Sign
  readonly kind: string
  readonly name: string
  readonly result: string
  /** A place in `runs`. */
  readonly run?: number
}

export interface FindingData {
  readonly title: string
  readonly facts: readonly string[]
  /** It makes the verdict violated. */
  readonly counts: boolean
  readonly run?: number
}

/** What is known of a model: enough to take the turns of its runs, and others. All numbers are places in its own lists. */
export interface ModelData {
  readonly fingerprint: string
  readonly actors: readonly ActorData[]
  /** Who lives inside the actors and is a statechart: a name, and a place in `charts`. */
  readonly inner?: readonly (readonly [name: Text, chart: number])[]
  /** Statecharts of the actors. */
  readonly charts: readonly ChartData[]
  /** What a search has come by in each chart; absent: nothing was searched. */
  readonly covered?: readonly CoverData[]
  /** Sender (-1: from outside), receiver, and who it is outside when it has a name. */
  readonly lanes: readonly (readonly [from: number, to: number, outside?: Text])[]
  /** Lanes in the order in which choices count. */
  readonly order: readonly number[]
  /** By actor; the first is where it starts. */
  readonly locals: readonly (readonly LocalData[])[]
  readonly messages: readonly MessageData[]
  readonly entries: readonly EntryData[]
  /** In flight at the start: lane and messages. */
  readonly start: readonly (readonly [lane: number, ...messages: number[]])[]
  /** Every state that can be reached is known. */
  readonly whole: boolean
}

export interface ActorData {
  readonly id: Text
  /** Of tasks and calls. */
  readonly thread?: Text
  /** Of locks. */
  readonly lock?: Text
  /** A place in `charts`; absent: it is no statechart. */
  readonly chart?: number
}

/** A statechart, drawn: boxes are its states, an arrow is all transitions from one to another. */
export interface ChartData {
  readonly name: string
  readonly graph: GraphData
  /** Where it starts: boxes. */
  readonly starts: readonly number[]
  readonly transitions: readonly TransitionData[]
}

export interface TransitionData {
  /** As UML has it: `LOCK [isFree] / take`. */
  readonly words: string
  /** The type of the message; absent: it is taken at once. */
  readonly type?: string
  /** Boxes; no source: from any state. No target: it stays. */
  readonly from?: number
  readonly to?: number
  /** Its arrow; absent: it is not drawn. */
  readonly arrow?: number
}

/** Of one chart: places in its lists. */
export interface CoverData {
  readonly states: readonly number[]
  readonly transitions: readonly number[]
}

export interface LocalData {
  readonly state: Text
  /** Field and value, one after the other. */
  readonly fields: readonly Text[]
  /** Name and state of whoever lives inside, one after the other. */
  readonly inner?: readonly Text[]
  /** It waits for an answer: a run that ends so is a deadlock. */
  readonly waits?: 1
  /** What may come from outside here. */
  readonly offers?: readonly (readonly [lane: number, message: number])[]
}

export interface MessageData {
  readonly type: Text
  /** What people call it, where that is something else. */
  readonly word?: Text
  /** What it carries. */
  readonly words: Text
}

/** What an actor does with a message in one of its states. */
export interface EntryData {
  readonly actor: number
  readonly local: number
  readonly message: number
  /** The state that follows; absent: it is deferred. */
  readonly next?: number
  /** Lane and message, one after the other. */
  readonly sends?: readonly number[]
  /** Path and text, one after the other. */
  readonly changes?: readonly Text[]
  /** Events in the lives of objects. */
  readonly notes?: readonly Text[]
  readonly findings?: readonly Text[]
  /** The run ends here. */
  readonly fatal?: 1
  readonly ignored?: 1
}

export interface RunData {
  readonly model: number
  /** What it shows. */
  readonly title: string
  readonly bad: boolean
  readonly address: string
  /** The command that makes it again. */
  readonly replay: string
  /** The lanes that were taken, a step each. */
  readonly lanes: readonly number[]
  /** Each step in words. */
  readonly words: readonly Text[]
  /** Where a run is told by what each of those inside its actors heard rather than by its steps: that, in order. */
  readonly heard?: readonly HeardData[]
  /** The story: what the end depends on, a question and its answer in one row. */
  readonly rows: readonly RowData[]
  /** Steps that the end does not depend on. */
  readonly unrelated: number
  readonly marks: readonly (readonly [step: number, mark: 'now' | 'earlier'])[]
  /** The unlock and the relock. */
  readonly gap?: readonly [from: number, to: number]
  /** What no single step shows, but the run so far: step and title. */
  readonly found: readonly (readonly [step: number, title: Text])[]
  readonly end: 'open' | 'finished' | 'deadlock' | 'crashed'
  /** Who waits for whom in the end. */
  readonly waits: readonly WaitData[]
  /** What is wrong, in the kernel's manner. */
  readonly splat: readonly string[]
  /** Threads and objects from left to right. */
  readonly columns: readonly Text[]
  readonly locks: readonly LockData[]
  readonly loopsFrom?: number
}

/** One event that somebody heard, in a lane of his own. */
export interface HeardData {
  /** Of which this is part. */
  readonly step: number
  /** Columns. */
  readonly from: Text
  readonly to: Text
  readonly words: Text
  /** The same in few words, for an arrow. */
  readonly label: Text
  /** What it changed, and what it called for. */
  readonly changes: readonly Text[]
  readonly findings: readonly Text[]
  /** Nobody handled it. */
  readonly ignored?: 1
  readonly mark?: 'now' | 'earlier'
  /** Transitions of his chart that were taken. */
  readonly taken: readonly number[]
}

export interface RowData {
  /** Steps that it tells; several are one after the other. */
  readonly steps: readonly number[]
  readonly words: Text
  /** The same in few words, for an arrow. */
  readonly label: Text
  /** The same again: how often, and up to which step. */
  readonly again?: number
}

export interface WaitData {
  readonly thread: string
  readonly at: string
  readonly words: string
  readonly sentAt: number
  readonly on: readonly string[]
}

export interface LockData {
  readonly id: string
  readonly lockClass: string
  readonly spans: readonly SpanData[]
}

/** From a step to another; no end: to the end of the run. */
export interface SpanData {
  readonly thread: string
  readonly from: number
  readonly to?: number
  readonly how: 'held' | 'shared' | 'wanted'
}
