import type { PlannedImage, PlannedTarget, ReleasePlan, StagingRecord } from '@stagegate/schema'
import { checkReleasePlan, UsageError } from '@stagegate/schema'
import { expectCall, expectText, expectTexts } from '../contract/options.js'
import { imageRepository } from '../image/image-repository.js'
import { imageToStaging, stagingCoordinates } from '../image/stage-image.js'
import { findTarget } from '../plan.js'
import { stagingNamed, tell, withDefaults } from '../ports.js'
import type { Happening } from '../transfer/event.js'
import { stageFiles } from './stage-files.js'
import { stagePackages } from './stage-packages.js'
import { attemptOf, recordOf, type StageOptions, type Staging, stageOptions } from './staging.js'
import { incomplete } from './staging-incomplete.js'

/**
 * Uploads one target's packages, plain files or image to staging and returns the record of what is there now. Running it again with the
 * same files moves nothing.
 *
 * @throws {DocumentError} an invalid plan
 * @throws {UsageError} no files; a target that the kind does not stage; a package that contradicts its target; a plain file that is empty,
 *   or whose name or path is not unique or not allowed
 * @throws {PackageError} a file that is not a sound package
 * @throws {RepositoryError} staging refuses something, or does not answer
 * @throws {StagingIncomplete} a conflict with staged bytes, a built file that changed while it was read, or a stopped run
 */
export async function stage(given: ReleasePlan, options: StageOptions): Promise<StagingRecord> {
  expectCall('stage()', options, stageOptions)
  expectText('target', options.target, 'ubuntu/jammy')
  expectTexts('files', options.files)
  const plan = checkReleasePlan(given)
  const { release, target } = findTarget(plan, options.target, options.release)
  const kind = options.origin.pipelineKind
  const repository = target.routes[kind]?.staging
  if (repository === undefined) {
    throw new UsageError({
      code: 'usage/route',
      what: `${target.id} is not staged in the kind ${kind}`,
      next: `It is staged in: ${stagedKinds(target)}.`,
    })
  }
  const staging = { plan, options, release, target, repository }
  switch (target.what.type) {
    case 'image':
      return stageImage(staging, target.what)
    case 'file':
      return stageFiles(staging, target.what)
    case 'package':
      return stagePackages(staging, target.what)
  }
}

async function stageImage(staging: Staging, what: PlannedImage): Promise<StagingRecord> {
  const { options, target, repository } = staging
  const { built } = options
  const ports = withDefaults(options)
  const coordinates = stagingCoordinates(what, options)
  const emit = (event: Happening) =>
    tell(options, { at: ports.clock.now(), target: target.id, coordinates, content: built?.content, ...event })
  await options.onBegin?.(attemptOf(staging, ports.clock.now()))
  const place = { name: repository, repository: imageRepository(repository, stagingNamed(options, repository, 'create')) }
  const result = await imageToStaging({ target, what, coordinates, staging: place, built }, { ...ports, emit })
  if (result.is === 'failed') throw incomplete([result.arrival], repository)
  return recordOf(staging, { artifacts: [result.artifact] }, ports.clock.now())
}

function stagedKinds({ routes }: PlannedTarget): string {
  const kinds = Object.keys(routes).filter((kind) => routes[kind]?.staging !== undefined)
  return kinds.length === 0 ? 'none' : kinds.join(', ')
}
