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
    what: 'the server does not accept the credential',
    next: 'Check the variables that hold the user name and password, or the token.',
  },
  403: {
    code: 'repository/forbidden',
    what: 'the account does not have permission for this',
    next: 'Allow the account to PUT below this folder and in its folder .stagegate/, where Stagegate tests the server.',
  },
  405: {
    code: 'repository/unsupported',
    what: 'the server accepts no files here',
    next: 'Allow PUT for this folder: in nginx, dav_methods PUT MKCOL MOVE.',
  },
  413: {
    code: 'repository/too-large',
    what: 'the server accepts no body of this size',
    next: 'Raise the limit of the server, or of a proxy in front of it: in nginx, client_max_body_size.',
  },
  501: {
    code: 'repository/unsupported',
    what: 'the server does not support this',
    next: 'Use a server that accepts files with PUT.',
  },
  507: {
    code: 'repository/refused',
    what: 'the server has no space left',
    next: 'Free some space on it, then run this again.',
  },
}

/** The error for an unexpected answer. */
export function unexpected({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>, where: string, now: Instant): StagegateError {
  const meaning = byStatus[status]
  if (meaning !== undefined)
    return new RepositoryRefusal({ code: meaning.code, what: `${meaning.what} (${status})`, where, next: meaning.next })
  if (status >= 300 && status < 400)
    return new RepositoryRefusal({
      code: 'repository/refused',
      what: `the server redirects writes (${status}), and Stagegate sends credentials to no other address`,
      where,
      next: 'Use the address that it redirects to.',
    })
  if (status >= 500 || [408, 409, 425, 429].includes(status))
    return new RetryLater({ status, retryAfter: retryAfter(headers['retry-after'], now), where, said: '' })
  return new UnexpectedAnswer({ status, what: `the server answered ${status}`, where })
}

/** The same as data, if the server refuses one file and not the client. */
export function refusedFile({ status }: Pick<HttpAnswer, 'status'>): Problem | undefined {
  const meaning = status === 413 ? byStatus[413] : undefined
  return meaning && { code: meaning.code, message: `The server accepts no body of this size (${status}). ${meaning.next}` }
}
