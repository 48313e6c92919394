import type { Content } from '@stagegate/schema'
import { NotThere } from '../contract/capabilities.js'
import { problemOf } from '../contract/problem.js'
import { isFinal } from '../contract/refusal.js'
import { ImageRefused } from '../repository/oci/manifest.js'
import { ContentMismatch } from '../transfer/content-mismatch.js'
import { type Graph, type ImageSource, readGraph } from './graph.js'
import type { Ask } from './persevere.js'
import type { Stop } from './side.js'

/** All manifests of an image, or the reason why it cannot be copied. */
export type WholeImage = { readonly is: 'whole'; readonly graph: Graph } | { readonly is: 'stopped'; readonly stop: Stop }

export async function readWhole(ask: Ask, repository: ImageSource, image: string, content: Content): Promise<WholeImage> {
  try {
    return { is: 'whole', graph: await readGraph(ask, repository, image, content) }
  } catch (error) {
    return { is: 'stopped', stop: { verdict: verdictOf(error), problem: problemOf(error) } }
  }
}

function verdictOf(error: unknown): Stop['verdict'] {
  if (error instanceof ContentMismatch) return 'tampered'
  if (error instanceof NotThere) return 'missing'
  return error instanceof ImageRefused || isFinal(error) ? 'failed' : 'undetermined'
}
