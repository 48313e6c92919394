/** Two sentences for someone who lacks it. */
export const howToGetDnfDownload: string
/** The folder of a dnf that has the command, for the front of PATH; empty where the machine's own has it. Unpacks it first; undefined when it cannot. */
export function dnfDownload(): string | undefined
/** Has the programs of this process find a dnf that has the command. @throws {Error} there is none, with how to get it */
export function useDnfDownload(): void
