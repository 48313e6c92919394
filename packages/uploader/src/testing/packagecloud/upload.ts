import type { Answer, Asked } from '../server/respond.js'
import { resetConnection } from '../server/tls.js'
import { unprocessable } from './answers.js'
import type { DistributionTable } from './distribution-table.js'
import { BadForm, type Form, readForm } from './form.js'
import type { Identity } from './read-package.js'
import { alter, type Store } from './store.js'
import { details, type View } from './stored-package.js'

export interface UploadPorts {
  readonly store: Store
  readonly distributions: DistributionTable
  readonly inspect: (path: string) => Promise<Identity>
}

/** `POST /repos/:user/:repo/packages.json`. `undefined` is a connection that was reset. */
export async function upload(
  { request, fault, goAhead }: Asked,
  repository: string,
  view: View,
  ports: UploadPorts,
): Promise<Answer | undefined> {
  if (request.headers['content-length'] === undefined) return { status: 411, json: { error: 'Length Required' } }
  goAhead()
  let form: Form
  try {
    form = await readForm(request, ports.store, (sum) => {
      if (typeof fault.reset === 'object' && sum >= fault.reset.afterBytes) resetConnection(request.socket)
    })
  } catch (error) {
    if (error instanceof BadForm) return unprocessable(error.complaints)
    // Whoever broke it off is not there to be answered; a body that is no multipart is.
    return request.complete ? unprocessable({ package_file: ['is not a form'] }) : undefined
  }
  let kept = false
  try {
    if (fault.reset === 'after-body') {
      resetConnection(request.socket)
      return undefined
    }
    const checked = await check(form, ports)
    if ('status' in checked) return checked
    const { identity, distribution, received } = checked
    const file = fault.storeAs ?? identity.canonicalFile
    const digests = fault.storeOtherBytes ? await alter(received.path) : received.digests
    const stored = await ports.store.keep({ repository, distribution }, file, identity, { path: received.path, digests })
    if (stored === undefined) return unprocessable({ filename: ['has already been taken'] })
    kept = true
    const answer = { status: 201, json: details(stored, view) }
    if (fault.acceptAndForget) await ports.store.remove(stored)
    return answer
  } finally {
    if (!kept && form.file !== undefined) await ports.store.discard(form.file.path)
  }
}

async function check({ fields, file }: Form, { distributions, inspect }: UploadPorts) {
  const blank = ["can't be blank"]
  const unknown = [...fields.keys()].filter((name) => name !== 'package[distro_version_id]')
  if (unknown.length > 0) return unprocessable(Object.fromEntries(unknown.map((name) => [name, ['is not a field']])))
  if (file === undefined) return unprocessable({ package_file: blank })
  const id = fields.get('package[distro_version_id]')
  if (id === undefined) return unprocessable({ distro_version_id: blank })
  let identity: Identity
  try {
    identity = await inspect(file.path)
  } catch {
    return unprocessable({ package_file: ['is not a package'] })
  }
  const distribution = Object.entries(distributions[identity.format] ?? {}).find(([, known]) => String(known) === id)?.[0]
  if (distribution === undefined) return unprocessable({ distro_version_id: ['is invalid'] })
  return { identity, distribution, received: file }
}
