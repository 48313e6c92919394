import { type Check, isTexts, type MapCheck, texts } from '../checks.js'
import { isList } from '../value.js'
import { neededJob, needItems } from './needs.js'

export const dependencies: Check = texts('N11', 'dependencies')

/** Where a job has both, artifacts come from jobs that it needs. */
export const dependenciesAmongNeeds: MapCheck = (job, place) => {
  const [own, needs] = [job.get('dependencies') ?? null, needItems(job.get('needs'))]
  if (!isTexts(own) || own.length === 0 || needs.length === 0 || !isList(own)) return
  const needed = needs.map(neededJob).filter((name) => name !== undefined)
  if (needed.length === 0) {
    const rest = 'corresponding to dependencies must be from the same pipeline'
    return place
      .attribute('needs')
      .fail({ rule: 'N11', code: 'dependencies-other-pipeline', rest, ours: 'has no job of this pipeline, but `dependencies` has' })
  }
  const missing = own.filter((name) => !needed.includes(name))
  if (missing.length > 0)
    place.attribute('dependencies').fail({
      rule: 'N11',
      code: 'dependencies-not-needed',
      rest: `the ${missing.join(', ')} should be part of needs`,
      ours: `has ${missing.join(', ')}, which is not among \`needs\``,
    })
}
