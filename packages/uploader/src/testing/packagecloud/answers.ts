import type { Answer } from '../server/respond.js'

export function unauthenticated(): Answer {
  return { status: 401, headers: { 'www-authenticate': 'Basic realm="packagecloud"' }, json: { error: 'Unauthenticated' } }
}
export function notFound(): Answer {
  return { status: 404, json: { error: 'not found' } }
}
export function unprocessable(complaints: Readonly<Record<string, readonly string[]>>): Answer {
  return { status: 422, json: complaints }
}
