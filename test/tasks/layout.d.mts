/** See layout.mjs. */
export interface Made {
  readonly mediaType: string
  /** `sha256:…` */
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly os: string; readonly architecture: string }
  /** Where a layer lies that must not be distributed. */
  readonly urls?: readonly string[]
}

export class Layout {
  constructor(folder: string)
  /** @default a layer */
  blob(data: Uint8Array, mediaType?: string): Made
  /** With a configuration of its own; `more` is what else stands in it. */
  manifest(layers: readonly Made[], more?: { readonly architecture?: string; readonly [key: string]: unknown }): Made
  index(manifests: readonly Made[], more?: object): Made
  tag(name: string, made: Made): void
  /** Where a blob lies. */
  path(digest: string): string
}
