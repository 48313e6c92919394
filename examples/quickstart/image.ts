import { ContainerImage, type PipelineKind, PublicRepo, type Release, StagingRepo } from 'stagegate'
import * as repositories from './repositories.ts'

/** A container image, for two platforms. It is optional: the release does not wait for it, and it is sealed and published by itself. */
export function addImage(release: Release, { branch, tagged }: { branch: PipelineKind; tagged: PipelineKind }): void {
  const { stagedImages, trustsJobs } = repositories
  const staging = new StagingRepo(release, 'staging-images', { at: stagedImages })
  const images = new PublicRepo(release, 'images', { at: repositories.images, trustsJobs })
  new ContainerImage(release, 'image', {
    name: 'hello',
    optional: true,
    routes: [{ on: branch }, { on: tagged, staging, public: images }],
    build: { image: 'node:24-slim', script: ['node scripts/image.mjs'] },
    layout: 'dist/image',
    platforms: ['linux/amd64', 'linux/arm64'],
    tags: ['version', { moving: 'latest' }, { moving: 'minor' }],
  })
}
