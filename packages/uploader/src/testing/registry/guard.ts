import type { IncomingMessage } from 'node:http'
import type { Answer } from '../server/respond.js'

/** A push of a tag. */
export interface TagPush {
  /** The repository's name. */
  readonly name: string
  /** The tag. */
  readonly tag: string
  /** The tag is there before. */
  readonly isThere: boolean
}

/** Decides who may do what in a registry, where that is decided elsewhere. */
export interface Guard {
  /** The refusal, if one of these is not allowed: `acme/hello:pull`. */
  refuse(request: IncomingMessage, wanted: readonly string[]): Answer | undefined
  /** The refusal of a tag: before its manifest is read, or when it is stored under its digest. */
  refuseTag(request: IncomingMessage, push: TagPush, when: 'before' | 'stored'): Answer | undefined
}
