import type { Call } from '../../contract/capabilities.js'
import { type OpenedBucketStore, probePath } from '../../store/s3/index.js'
import type { Visitors } from '../visitors.js'

/** Checks, once, that only its owner can read a bucket. @throws {RepositoryRefusal} anybody can read staged files */
export function expectPrivate({ probe }: OpenedBucketStore, visitors: Visitors): (call: Call) => Promise<void> {
  let isHidden: Promise<void> | undefined
  const look = async (call: Call) => {
    await probe.creates(call)
    await visitors.expectNothing(probePath, call)
  }
  return (call) => {
    isHidden ??= look(call).catch((error: unknown) => {
      isHidden = undefined
      throw error
    })
    return isHidden
  }
}
