import { isStagegateError } from '@stagegate/schema'

/** By the families of codes: what is wrong with the call is 2, what a person must look at 3, everything else 4. */
export function exitCodeOfError(error: unknown): 2 | 3 | 4 {
  if (!isStagegateError(error)) return 4
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
      return error.code === 'staging/conflict' || error.code === 'staging/refused' ? 3 : 4
  }
}
