/** See waiting.mjs. */
/** Begins to remember what this process has open. */
export function followConnections(): void
/** One line for each thing that this process waits for. */
export function describeWaiting(): readonly string[]
