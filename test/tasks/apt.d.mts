export interface AptClientOptions {
  /** What follows `deb`: `https://127.0.0.1:4711/debian stable main`. */
  readonly source: string
  /** The keys that it trusts. */
  readonly certificate: string
  /** The authority that it trusts for HTTPS. */
  readonly ca: string
  /** More settings of apt, by their names. */
  readonly settings?: Readonly<Record<string, string>>
  /** The root below which apt's programs lie (apt-three.mjs). @default the machine's */
  readonly programs?: string
}
export class AptClient {
  /** Below it are its settings, its lists and what it installs. */
  readonly folder: string
  constructor(folder: string, options: AptClientOptions)
  /** Runs one of apt's programs with its settings. */
  run(name: string, ...words: string[]): Promise<string>
  /** Reads the index. Rejects where apt refuses it. */
  update(): Promise<string>
  /** Name, version and architecture of each package that it can install. */
  available(): Promise<readonly string[]>
  /** Brings packages, and returns the folder where they lie. */
  download(...packages: string[]): Promise<string>
  /** Installs packages below `root` of its folder. */
  install(...packages: string[]): Promise<string>
  /** Name and version of each package that is installed. */
  installed(): Promise<readonly string[]>
}
