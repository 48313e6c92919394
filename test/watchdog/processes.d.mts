/** What they have said so far, by what they are. */
export const outputs: Map<string, () => string>
/** Words before a program of Node's, which then says on SIGUSR2 what it waits for. */
export const telling: readonly [option: string, path: string]
