/** See servers.mjs. */
export interface Running {
  readonly url: string
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}
export function startNginx(folder: string, config: string): Promise<Running>
export function filesOnce(folder: string): string
export function startAptly(folder: string): Promise<Running>
export function startRegistry(folder: string, config?: object): Promise<Running>
