import {
  DocumentError,
  digestOf,
  documentText,
  parseApproval,
  parseDeploymentRecord,
  parseReceipt,
  parseReleaseManifest,
  parseReleasePlan,
  parseStagingRecord,
  parseVerification,
} from '@stagegate/schema'
import * as samples from '../../../packages/schema/src/testing/documents.js'
import { bytesOf, mustHold, type Target } from '../target.js'

const parsers = new Map<string, (text: string, file: string) => { readonly kind: string }>(
  Object.entries({
    Approval: parseApproval,
    DeploymentRecord: parseDeploymentRecord,
    Receipt: parseReceipt,
    ReleaseManifest: parseReleaseManifest,
    ReleasePlan: parseReleasePlan,
    StagingRecord: parseStagingRecord,
    Verification: parseVerification,
  }),
)
/** Of equal keys the last one counts. */
function kindIn(text: string): string {
  try {
    return String(JSON.parse(text).kind)
  } catch {
    return /"kind":"(\w+)"/.exec(text)?.[1] ?? ''
  }
}
const words = [
  '"kind":',
  '"apiVersion":"stagegate/v1"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\u0000',
  '\\ud800',
  '"__proto__":',
  '"constructor":',
  'null',
]

export const documents: readonly Target[] = [
  {
    name: 'documents',
    seeds: bytesOf(...Object.values(samples).map((sample) => JSON.stringify(sample))),
    dictionary: [...words, '1e999', '-1', '../', '%2f', '\x1b[2J', '\xe2\x80\xa8', '0,', '[[', '{"a":'],
    read: (input) => {
      const text = input.toString('utf8')
      const kind = kindIn(text)
      const parse = parsers.get(kind) ?? parseReceipt
      const document = parse(text, 'x')
      mustHold(document.kind === kind, `a ${kind}, got a ${document.kind}`)
      // What was read can be written, and has the digest that it had.
      const again = parse(documentText(document), 'x')
      mustHold(digestOf(again) === digestOf(document), 'the same document again')
      return kind
    },
    refuses: (error) => error instanceof DocumentError && !/[\p{Cc}\u2028\u2029]/u.test(error.what + error.path),
  },
]
