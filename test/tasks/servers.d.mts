/** See servers.mjs. */
import type { Tls } from './authority.mjs'
import type { GoTool } from './go-tools.mjs'

export interface Running {
  readonly url: string
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}
export interface ServerOptions {
  /** `null` is plain HTTP. @default the run's, if it has an authority */
  readonly tls?: Tls | null
}
export interface RegistryOptions extends ServerOptions {
  /** One that was built. @default Debian's docker-registry */
  readonly program?: Extract<GoTool, 'registry'>
}
export function startNginx(folder: string, config: string, options?: ServerOptions): Promise<Running>
export function filesOnce(folder: string): string
export interface WebdavOptions {
  /** @default PUT MKCOL MOVE */
  readonly methods?: string
  /** A file with the passwords of those who may write. @default everybody may */
  readonly passwords?: string
}
export function webdavFolder(folder: string, options?: WebdavOptions): string
export function startAptly(folder: string, options?: ServerOptions): Promise<Running>
/** `config`: more of its configuration, such as `auth`. */
export function startRegistry(folder: string, config?: object, options?: RegistryOptions): Promise<Running>
export interface VersitygwOptions extends ServerOptions {
  /** Those of its owner, who may do everything. */
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string }
}
export function startVersitygw(folder: string, options: VersitygwOptions): Promise<Running>
export interface RunningProxy extends Running {
  /** What it has logged. */
  log(): string
}
export interface ProxyOptions {
  /** `NAME:PASSWORD`, which clients have to show. @default anybody may come */
  readonly account?: string
  /** Expressions for hosts that alone can be reached. @default all */
  readonly allow?: readonly string[]
  /** Ports that CONNECT may lead to. @default all */
  readonly connectPorts?: readonly number[]
  /** Names that it finds on this machine. @default none */
  readonly hosts?: readonly string[]
}
export function startTinyproxy(folder: string, options?: ProxyOptions): Promise<RunningProxy>
