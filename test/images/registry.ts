import { type RegistryOptions, type Running, startRegistry as start } from '../tasks/servers.mjs'

let options: RegistryOptions = {}

/** All that are started from now on are of this program. */
export function useRegistry(program: NonNullable<RegistryOptions['program']>): void {
  options = { program }
}

/** The registry that these tests are run with. */
export function startRegistry(folder: string, config?: object): Promise<Running> {
  return start(folder, config, options)
}
