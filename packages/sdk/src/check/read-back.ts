import type { IssueFacts, Recorded } from '../issue/facts.js'
import { FileTarget } from '../release/file-target.js'
import { ContainerImage } from '../release/image.js'
import { readingOf } from '../release/read-back.js'
import type { ReleaseTarget } from '../release/target.js'
import type { RepositoryAddress } from '../repository/index.js'
import { defaultImage, settingsOf } from '../settings.js'

type Misread = Omit<IssueFacts & { readonly code: 'target/verify' }, 'code' | 'target' | 'by'>

/** The repositories whose index each package manager reads. */
const indices = { apt: 'apt', dnf: 'yum' } as const

/** Refuses a client that cannot read what a target publishes: otherwise that would show only after everything is public. */
export function checkReadBack(target: ReleaseTarget): readonly Recorded[] {
  const { verify } = target.props
  if (verify === undefined) return []
  const { by, image } = readingOf(verify)
  return problems(target, by, image !== undefined).map((problem) => ({
    at: target,
    facts: { code: 'target/verify', target: target.label, by, ...problem },
  }))
}

function problems(target: ReleaseTarget, by: ReturnType<typeof readingOf>['by'], hasImage: boolean): readonly Misread[] {
  if (!clientsOf(target).includes(by)) return [{ is: 'format' }]
  if (by !== 'apt' && by !== 'dnf') return []
  const kinds = [...target.routes].flatMap(([kind, route]): readonly Misread[] => {
    const addresses = route.public.map(({ repo }) => repo.at)
    if (addresses.length === 0) return []
    const its = addresses.filter(({ type, module }) => type === indices[by] || module !== undefined)
    if (its.length === 0) return [{ is: 'repositories', kind: kind.label }]
    return its.some(hasReadersKeys) ? [{ is: 'keys', kind: kind.label }] : []
  })
  // Debian's Node image has apt-get but not dnf.
  return by === 'dnf' && !hasImage && settingsOf(target).image === defaultImage ? [{ is: 'image' }, ...kinds] : kinds
}

function clientsOf(target: ReleaseTarget): readonly string[] {
  if (target instanceof ContainerImage) return ['oci']
  return target instanceof FileTarget ? ['http'] : ['http', 'apt', 'dnf']
}

/** Its users sign their requests, which package managers do not do. */
function hasReadersKeys({ type, read, write }: RepositoryAddress): boolean {
  return (
    Object.values(indices).some((one) => one === type) && read.some((secret) => !write.some(({ variable }) => variable === secret.variable))
  )
}
