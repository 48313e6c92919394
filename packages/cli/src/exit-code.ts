import { isStagegateError } from '@stagegate/schema'
import { isFinal } from '@stagegate/uploader'
import { canPass, systemCode } from './system-error.js'

/**
 * What is wrong with the call is 2, what a person must look at 3; 4 only where the same job, run again, can succeed. By the families of
 * codes; of the others, by whether it is of use to ask again. What nobody has foreseen is for a person, too.
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
