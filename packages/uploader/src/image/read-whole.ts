import type { Content } from '@stagegate/schema'
import { NotThere } from '../repository/capabilities.js'
import { isFinal } from '../repository/refusal.js'
import { ContentMismatch } from '../transfer/content-mismatch.js'
import { problemOf } from '../transfer/problem.js'
import { type Graph, type Readable, readGraph } from './graph.js'
import { ImageRefused } from './manifest.js'
import type { Ask } from './persevere.js'
import type { Stop } from './side.js'

/** All manifests of an image; or why there is nothing to be copied. */
export async function readWhole(ask: Ask, repository: Readable, image: string, content: Content): Promise<Graph | Stop> {
  try {
    return await readGraph(ask, repository, image, content)
  } catch (error) {
    const problem = problemOf(error)
    if (error instanceof ContentMismatch) return { verdict: 'tampered', problem }
    if (error instanceof NotThere) return { verdict: 'missing', problem }
    return { verdict: error instanceof ImageRefused || isFinal(error) ? 'failed' : 'undetermined', problem }
  }
}
