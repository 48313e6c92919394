import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Runs a system tool, in the C locale. @throws {Error} that names what to install when it is missing */
export async function run(tool: string, ...args: readonly string[]): Promise<string> {
  return runWith({}, tool, ...args)
}

/** What a tool says; `undefined` where it refuses. */
export const said = (tool: string, ...args: readonly string[]) => run(tool, ...args).catch(() => undefined)

export async function runWith(variables: Readonly<Record<string, string>>, tool: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(tool, args, { env: { ...process.env, ...variables, LC_ALL: 'C', TZ: 'UTC' } })).stdout
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      throw new Error(`This test needs ${tool}: apt-get install dpkg apt apt-utils rpm createrepo-c dnf xz-utils zstd`, { cause })
    throw cause
  }
}
