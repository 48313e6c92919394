import type { IssueFacts } from '../issue/facts.js'

const settings = 'Settings > Repository > Protected tags, Protected branches'

/** The thing outside the file on which a finding rests: where it is not so, there is nothing to find. */
export function premiseOf(facts: IssueFacts): string | undefined {
  switch (facts.code) {
    case 'gate/open':
      if (facts.because.is === 'unprotected') return `a tag or branch that it matches is not protected (${settings})`
      if (facts.because.is === 'automatic' || facts.because.is === 'early-click')
        return 'no protected environment holds the job for an approval (Settings > CI/CD > Protected environments)'
      return undefined
    case 'gate/undeclared':
      return 'the place that it publishes to is public'
    case 'secrets/reachable':
    case 'secrets/in-child':
      return 'the project’s settings give the job the credential, because its refs and environment match (Settings > CI/CD > Variables)'
    default:
      return undefined
  }
}
