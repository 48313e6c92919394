import { isStagegateError } from '@stagegate/schema'
import { isFinal } from '@stagegate/uploader'
import { canPass, systemCode } from './system-error.js'

/**
 * The exit code of an error: 2 for a wrong call or configuration, 3 where a person must look, 4 only if the same job can succeed when it
 * runs again. Some families of codes decide it; for the others, whether asking again is of use. An unforeseen error is 3.
 */
export function exitCodeOfError(error: unknown): 2 | 3 | 4 {
  const system = systemCode(error)
  if (system !== undefined) return canPass(system) ? 4 : 2
  if (!isStagegateError(error)) return 3
  const [family] = error.code.split('/', 1)
  switch (family) {
    case 'usage':
    case 'author':
    case 'document':
    case 'package':
      return 2
    case 'gate':
    case 'content':
      return 3
    default:
      return isFinal(error) || refused.includes(error.code) ? 3 : 4
  }
}

const refused: readonly string[] = [
  'staging/conflict',
  'staging/refused',
  'repository/index-broken',
  'repository/unsupported',
  'layout/broken',
  'directory/outside',
  'directory/not-a-file',
]
