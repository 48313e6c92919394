import { gateWording } from '../check/gate/wording.js'
import { holdWording } from '../check/hold/wording.js'
import { isolationWording } from '../check/isolation/wording.js'
import { kindsWording } from '../check/kinds/wording.js'
import { manualWording } from '../check/manual/wording.js'
import { parentWording } from '../check/parent/wording.js'
import { secretsWording } from '../check/secrets/wording.js'
import type { Code, CustomFacts, IssueFacts } from '../issue/facts.js'
import type { Wording, Wordings } from '../issue/wording.js'
import { releaseWording } from '../release/wording.js'
import { structureWording } from './structure-wording.js'

const catalogue: Wordings<Code> = {
  ...structureWording,
  ...kindsWording,
  ...releaseWording,
  ...gateWording,
  ...secretsWording,
  ...isolationWording,
  ...holdWording,
  ...manualWording,
  ...parentWording,
}

export function wordingOf(facts: IssueFacts): Wording<Code> {
  // The catalogue is keyed by the facts' own code, so the wording takes exactly these facts.
  return catalogue[facts.code] as Wording<Code>
}

export function isCustom(facts: IssueFacts | CustomFacts): facts is CustomFacts {
  return !Object.hasOwn(catalogue, facts.code)
}

/** Whether the code is about the way to the public: the gate itself, or who can get at a credential. */
export function isOfGate({ code }: { readonly code: string }): boolean {
  return Object.hasOwn(gateWording, code) || Object.hasOwn(secretsWording, code)
}

export interface IssueCode {
  readonly severity: 'error' | 'warning'
  readonly meaning: string
  readonly action: string
}

/** Every code of an issue, what it means and what to do. Codes are stable. */
export const issueCodes: Readonly<Record<Code, IssueCode>> = Object.fromEntries(
  Object.entries(catalogue).map(([code, { severity = 'error', meaning, ...rest }]) => [
    code,
    {
      severity: typeof severity === 'function' ? ('error' as const) : severity,
      meaning,
      action: 'action' in rest ? rest.action : rest.help,
    },
  ]),
  // The cast: the entries are those of the catalogue, which has every code.
) as Record<Code, IssueCode>
