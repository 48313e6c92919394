/** See kinds.mjs. */
import type { RepositoryKind } from '@stagegate/uploader'

export const kinds: readonly RepositoryKind<unknown>[]
