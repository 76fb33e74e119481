/** What `relock export` writes, by name; the writers stand where they are asked for. */
export const machineFormatNames = ['mermaid', 'dot', 'json', 'xstate', 'scxml', 'smcat'] as const
export type MachineFormat = (typeof machineFormatNames)[number]

export const runFormatNames = ['mermaid', 'dot', 'json', 'sanitizer', 'perfetto', 'itf', 'shiviz'] as const
export type RunFormat = (typeof runFormatNames)[number]
