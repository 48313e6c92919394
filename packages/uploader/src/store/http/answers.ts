import type { Instant, Problem, StagegateError } from '@stagegate/schema'
import { RepositoryRefusal } from '../../contract/refusal.js'
import { RetryLater } from '../../contract/retry-later.js'
import { UnexpectedAnswer } from '../../contract/unexpected-answer.js'
import type { HttpAnswer } from '../../http/client.js'
import { retryAfter } from '../../http/retry-after.js'

interface Meaning {
  readonly code: string
  readonly what: string
  readonly next: string
}

const byStatus: Readonly<Record<number, Meaning>> = {
  401: {
    code: 'repository/unauthorized',
    what: 'the server does not take the credential',
    next: 'Check the variables with the user name and password, or with the token.',
  },
  403: {
    code: 'repository/forbidden',
    what: 'the account may not do this here',
    next: 'Allow it PUT below this folder, and in its folder .stagegate/, where the server is tried.',
  },
  405: {
    code: 'repository/unsupported',
    what: 'the server takes no files here',
    next: 'Allow PUT for this folder: in nginx, dav_methods PUT MKCOL MOVE.',
  },
  413: {
    code: 'repository/too-large',
    what: 'the server takes no body of this size',
    next: 'Raise the limit of the server, or of a proxy before it: in nginx, client_max_body_size.',
  },
  501: {
    code: 'repository/unsupported',
    what: 'the server does not do this',
    next: 'Use a server that takes files by PUT.',
  },
  507: {
    code: 'repository/refused',
    what: 'the server has no space left',
    next: 'Make room on it, and run this again.',
  },
}

/** The error for an answer that is none of those that were expected. */
export function unexpected({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>, where: string, now: Instant): StagegateError {
  const meaning = byStatus[status]
  if (meaning !== undefined)
    return new RepositoryRefusal({ code: meaning.code, what: `${meaning.what} (${status})`, where, next: meaning.next })
  if (status >= 300 && status < 400)
    return new RepositoryRefusal({
      code: 'repository/refused',
      what: `the server sends writers elsewhere (${status}), and credentials go to no other address`,
      where,
      next: 'Write the address that it leads to.',
    })
  if (status >= 500 || [408, 409, 425, 429].includes(status))
    return new RetryLater({ status, retryAfter: retryAfter(headers['retry-after'], now), where, said: '' })
  return new UnexpectedAnswer({ status, what: `the server answered ${status}`, where })
}

/** The same as data, where the server refuses one file and not who asks. */
export function refusedFile({ status }: Pick<HttpAnswer, 'status'>): Problem | undefined {
  const meaning = status === 413 ? byStatus[413] : undefined
  return meaning && { code: meaning.code, message: `The server takes no body of this size (${status}). ${meaning.next}` }
}
