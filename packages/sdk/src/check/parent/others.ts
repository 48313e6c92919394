import type { PipelineDocument } from '../../gitlab/document.js'
import { type KindGraph, nowhereIn } from '../../graph/kinds.js'
import type { Found } from '../../issue/facts.js'
import { noFacts, publicSideOf, type ReleaseFacts } from '../gate/facts.js'
import { checkInclude } from '../include/include.js'
import { nothingIncluded } from '../include/whole.js'
import { checkSecrets } from '../secrets/secrets.js'
import { checkUndeclared } from '../undeclared/undeclared.js'
import type { Family } from './family.js'

/** Finds other ways of the parent to the public: no gate is before its jobs, and none of them belongs to the release. */
export function checkOthers(
  document: PipelineDocument,
  graphs: readonly KindGraph[],
  { parent, facts, file, ownChildren }: Family & { readonly ownChildren: ReadonlySet<string> },
): readonly Found[] {
  const own: ReleaseFacts = {
    ...noFacts,
    ...publicSideOf(facts),
    files: facts.files,
    remotes: new Map([...facts.remotes].map(([job, variables]) => [`${job} of ${file}`, variables])),
    sources: parent.places,
  }
  const children = parent.included.children.filter(({ job }) => !ownChildren.has(job))
  const unread = [...new Set([...parent.included.unread, ...children.flatMap((child) => child.unread)])]
  const publishes = facts.publishers.size + facts.credentials.length > 0
  const found = [
    ...checkSecrets(document, [...graphs, nowhereIn(document, graphs)], own),
    ...checkInclude(graphs, { ...own, included: { ...nothingIncluded, children: children.map((child) => ({ ...child, unread: [] })) } }),
    ...checkUndeclared(document, own),
    ...(publishes ? unread.map((one): Found => ({ job: undefined, facts: { code: 'gate/include', files: [one] } })) : []),
  ]
  return found.map(({ job, source, ...one }) => ({
    ...one,
    job: undefined,
    source: source ?? (job === undefined ? undefined : parent.places.get(job)),
  }))
}
