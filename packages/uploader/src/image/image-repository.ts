import { UsageError } from '@stagegate/schema'
import type { ImageRepository, PublicRepository, StagingRepository } from '../contract/capabilities.js'

/**
 * A repository that can hold images.
 * @throws {UsageError} if it cannot
 */
export function imageRepository(name: string, repository: StagingRepository | PublicRepository): ImageRepository {
  if (isImageRepository(repository)) return repository
  throw new UsageError({
    code: 'usage/repository',
    what: `the repository ${name} cannot hold images`,
    next: 'Use a registry or an oci-layout for images. Nothing was done.',
  })
}

function isImageRepository(repository: StagingRepository | PublicRepository): repository is ImageRepository {
  const { read, resolve, point, tags, referrers, attach } = repository
  return [read, resolve, point, tags, referrers, attach].every((method) => method !== undefined)
}
