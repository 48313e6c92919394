import type { Answer } from '../server/respond.js'

/** GitLab's answer to a request that it refuses: lib/api/helpers.rb. */
export function refusal(status: number, message: unknown): Answer {
  return { status, json: { message } }
}

/** The answer to a parameter that is missing or has no valid value: Grape's own form. */
export function invalid(...errors: readonly string[]): Answer {
  return { status: 400, json: { error: errors.join(', ') } }
}

export function unauthorized(): Answer {
  return refusal(401, '401 Unauthorized')
}

export function forbidden(reason?: string): Answer {
  return refusal(403, reason === undefined ? '403 Forbidden' : `403 Forbidden - ${reason}`)
}

/** A fine-grained permission of another project's job token is missing: `job_token_policies_unauthorized_message`. */
export function permissionMissing(path: string, permission: string): Answer {
  const project = path.split('/').at(-1)
  const what = `Insufficient permissions to access this resource in project ${project}.`
  return forbidden(`${what} The following token permission is required: ${permission}.`)
}

/** A token that only reads was sent to write. */
export function insufficientScope(): Answer {
  const error_description = 'The request requires higher privileges than provided by the access token.'
  return { status: 403, json: { error: 'insufficient_scope', error_description, scope: 'api' } }
}

export function notFound(what?: string): Answer {
  return refusal(404, what === undefined ? '404 Not Found' : `404 ${what} Not Found`)
}

/** Leads to another address, with no body. */
export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 302, headers: { 'content-type': 'text/plain', ...headers, location }, json: '' }
}

/** What a route finds, or the answer that ends it. */
export type Found<T> = { readonly found: T } | { readonly refused: Answer }
