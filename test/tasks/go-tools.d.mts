/** See go-tools.mjs. */
export type GoTool = 'registry' | 'versitygw' | 'oras' | 'crane' | 'minio' | 'weed'
/** Where the program lies. Builds it first, which takes minutes, when it is not there; undefined when it cannot be built, as without Go. */
export function goTool(name: GoTool): string | undefined
/** Where the program lies. @throws {Error} it has not been built, with how to get it */
export function builtGoTool(name: GoTool): string
/** Two sentences for someone who lacks it. */
export function howToGet(name: GoTool): string
