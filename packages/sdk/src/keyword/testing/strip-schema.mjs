// Makes gitlab-ci.schema.json of GitLab's own (app/assets/javascripts/editor/schema/ci.json in gitlab-org/gitlab), without what
// only editors show: node strip-schema.mjs ci.json > gitlab-ci.schema.json
import { readFileSync } from 'node:fs'

const shownOnly = ['markdownDescription', 'description', 'title', 'examples', '$comment', 'defaultSnippets']

/** Below `properties` a key is a keyword of GitLab's, even where it is called `description`. */
function stripped(value, isKeywords = false) {
  if (Array.isArray(value)) return value.map((item) => stripped(item))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key]) => isKeywords || !shownOnly.includes(key))
  return Object.fromEntries(
    kept.map(([key, member]) => [key, stripped(member, !isKeywords && ['properties', 'patternProperties', 'definitions'].includes(key))]),
  )
}

console.log(JSON.stringify(stripped(JSON.parse(readFileSync(process.argv[2], 'utf8'))), undefined, 2))
