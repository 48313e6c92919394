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
  // Keyed by the facts' own code, so the compiler checks that the wording fits these facts.
  return catalogue[facts.code] as Wording<Code>
}

export function isCustom(facts: IssueFacts | CustomFacts): facts is CustomFacts {
  return !Object.hasOwn(catalogue, facts.code)
}

/** Whether the code is about the way to the public: the gate itself, or access to a credential. */
export function isOfGate({ code }: { readonly code: string }): boolean {
  return Object.hasOwn(gateWording, code) || Object.hasOwn(secretsWording, code)
}

export interface IssueCode {
  readonly severity: 'error' | 'warning'
  readonly meaning: string
  readonly action: string
}

/** Every issue code, its meaning and the action to take. Codes are stable. */
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
