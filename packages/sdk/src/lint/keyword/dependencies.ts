import { type Check, holdsUnknown, isTexts, type MapCheck, texts } from '../checks.js'
import { neededJob, needItems } from './needs.js'

export const dependencies: Check = texts('N11', 'dependencies')

/** A job with `dependencies` and `needs` gets artifacts only from jobs that it needs. */
export const dependenciesAmongNeeds: MapCheck = (job, place) => {
  const [own, needs] = [job.get('dependencies') ?? null, needItems(job.get('needs'))]
  if (holdsUnknown(job.get('needs') ?? null)) return
  if (!isTexts(own) || own.length === 0 || needs.length === 0) return
  const needed = needs.map(neededJob).filter((name) => name !== undefined)
  if (needed.length === 0)
    return place.at('needs').fail('N11', 'dependencies-other-pipeline', 'names no job of this pipeline, but `dependencies` does')
  const missing = own.filter((name) => !needed.includes(name))
  if (missing.length > 0)
    place.at('dependencies').fail('N11', 'dependencies-not-needed', `names ${missing.join(', ')}, which \`needs\` does not name`)
}
