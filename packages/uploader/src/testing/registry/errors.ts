import type { Answer } from '../server/respond.js'

/** OCI distribution specification 1.1, "Error codes". */
export function refusal(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, json: { errors: [{ code, message: code.toLowerCase().replaceAll('_', ' '), detail: {} }] } }
}
