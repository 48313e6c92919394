import type { Clock } from '../../contract/clock.js'
import type { HttpClient } from '../../http/client.js'
import { Answers } from './answers.js'

/** One registry: the addresses of its images, and how to send requests. */
export class Site {
  readonly client: HttpClient
  readonly answers: Answers
  readonly #prefix: string

  constructor(client: HttpClient, clock: Clock, prefix: string | undefined) {
    this.client = client
    this.answers = new Answers(client, clock)
    this.#prefix = prefix === undefined || prefix === '' ? '' : `${prefix}/`
  }

  /** An image's name there. */
  name(image: string): string {
    return this.#prefix + image
  }

  path(image: string, rest: string): string {
    return `/v2/${this.name(image)}/${rest}`
  }

  pull(image: string): string {
    return scope(this.name(image), 'pull')
  }

  push(image: string): string {
    return scope(this.name(image), 'pull,push')
  }
}

/** The scope that a token needs (Docker Registry v2 authentication, "Resource scope grammar"). */
export function scope(nameOnHost: string, actions: 'pull' | 'pull,push'): string {
  return `repository:${nameOnHost}:${actions}`
}
