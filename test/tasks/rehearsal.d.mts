/** See rehearsal.mjs. */
export interface Captured {
  readonly exitCode: number
  readonly output: string
  readonly stdout: string
  readonly stderr: string
}
export interface JobsToRun {
  readonly tag: string
  readonly jobs: readonly string[]
  readonly withNeeds?: boolean
  readonly variables?: Record<string, string>
}
export function packInto(folder: string): void
export function copyOffline(folder: string): void
export function copyQuickstart(folder: string): void
export function commit(folder: string, tag: string): void
export function runJobs(folder: string, what: JobsToRun): Promise<{ readonly exitCode: number; readonly log: string }>
export function stagegate(
  folder: string,
  words: readonly string[],
  options?: { readonly variables?: Record<string, string>; readonly timeout?: number },
): Promise<Captured>
export function capture(
  command: string,
  words: readonly string[],
  options: { readonly cwd: string; readonly timeout: number; readonly variables?: Record<string, string> },
): Promise<Captured>
