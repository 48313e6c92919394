import type { Origin } from '@stagegate/schema'
import { named } from '../contract/shown.js'

/** Who put a file into a package of the project, as GitLab keeps it. A job cannot forge this. */
export interface Uploader {
  /** When it was sent, as GitLab writes it. */
  readonly at: string
  /** The pipeline whose job sent it; absent where no job did, or its pipeline is deleted. */
  readonly pipeline?: UploadingPipeline | undefined
}

/** The pipeline whose job sent a file. */
export interface UploadingPipeline {
  /** The pipeline's number. */
  readonly id: number
  /** The project's number. */
  readonly project: number
  /** Its branch or tag. */
  readonly ref: string
  /** The complete hash of its commit. */
  readonly commit: string
  /** The person who started the pipeline. */
  readonly user: string
}

/** `pipeline 200 of mallory for topic at 2026-01-31T12:00:00.000Z`, with what is known of it. */
export function describeUploader({ at, pipeline }: Uploader): string {
  if (pipeline === undefined) return `somebody outside of the project’s pipelines at ${named(at)}`
  return `pipeline ${pipeline.id} of ${named(pipeline.user)} for ${named(pipeline.ref)} at ${named(at)}`
}

/** Whether a job of the pipeline that an origin names has sent the file. */
export function isFrom({ pipeline }: Uploader, { project, pipeline: id, ref, commit }: Origin): boolean {
  if (pipeline === undefined) return false
  const name = 'tag' in ref ? ref.tag : ref.branch
  return pipeline.id === id && pipeline.project === project.id && pipeline.ref === name && pipeline.commit === commit
}
