import type { PipelineDocument } from '../../gitlab/document.js'
import { kindGraphs } from '../../graph/kinds.js'
import type { Found } from '../../issue/facts.js'
import { checkHold } from '../hold/hold.js'
import { checkInclude } from '../include/include.js'
import { checkIsolation } from '../isolation/isolation.js'
import { checkKinds } from '../kinds/kinds.js'
import { checkNames } from '../kinds/names.js'
import { checkManual } from '../manual/manual.js'
import { checkSecrets } from '../secrets/secrets.js'
import type { ReleaseFacts } from './facts.js'
import { checkGate } from './gate.js'

/** Everything that is judged per kind of pipeline, on the document as it will be rendered. */
export function checkPipeline(document: PipelineDocument, facts: ReleaseFacts): readonly Found[] {
  const graphs = kindGraphs(document)
  return [
    ...checkGate(graphs, facts),
    ...checkInclude(graphs, facts),
    ...checkSecrets(document, graphs, facts),
    ...checkIsolation(document, graphs, facts),
    ...checkHold(document, graphs, facts),
    ...checkManual(document, graphs),
    ...checkKinds(document, graphs, facts),
    ...checkNames(graphs),
  ]
}
