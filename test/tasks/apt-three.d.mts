/** See apt-three.mjs. */
/** The root where it lies. Unpacks it first when it is not there; undefined when it cannot be had, as on a machine without Debian's apt. */
export function aptThree(): string | undefined
/** The root where it lies. @throws {Error} it has not been unpacked, with how to get it */
export function builtAptThree(): string
/** Two sentences for someone who lacks it. */
export const howToGetAptThree: string
/** The words of a command that runs another one below this root. It sees the folders of tests, and needs no rights of an administrator. */
export function inRoot(root: string, command: string, words: readonly string[]): readonly [command: string, ...words: string[]]
