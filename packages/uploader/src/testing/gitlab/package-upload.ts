import type { Answer } from '../server/respond.js'
import { type Found, forbidden, invalid, refusal } from './answers.js'
import type { Asker } from './asker.js'
import type { GenericPackagesOptions } from './generic-packages-options.js'
import type { Place } from './package-place.js'
import type { GenericUploader, PackageRow, PackageRows } from './package-rows.js'
import { shownFile } from './package-shown.js'
import type { Project } from './project.js'
import type { GitlabAsked } from './start.js'
import type { ByteFolder } from './stored-bytes.js'

/** Where an upload goes, and how the server is set. */
export interface UploadPorts {
  readonly rows: PackageRows
  readonly folder: ByteFolder
  readonly options: Pick<GenericPackagesOptions, 'duplicates' | 'raceWith500' | 'maxFileSize'>
  /** The object store fails for this one. */
  readonly isBroken: boolean
}

/** `status` and `select` of an upload. */
function parametersOf({ url }: GitlabAsked): Found<{ readonly status: 'default' | 'hidden' | undefined; readonly isShown: boolean }> {
  const [status, select] = [url.searchParams.get('status'), url.searchParams.get('select')]
  if (status !== null && status !== 'default' && status !== 'hidden') return { refused: invalid('status does not have a valid value') }
  if (select !== null && select !== 'package_file') return { refused: invalid('select does not have a valid value') }
  return { found: { status: status ?? undefined, isShown: select !== null } }
}

/**
 * The second half of an upload, after its rights were checked: `lib/api/generic_packages.rb` and
 * `app/services/packages/generic/create_package_file_service.rb`. `undefined` is a body that broke off, which leaves no row.
 */
export async function upload(
  asked: GitlabAsked,
  asker: Asker,
  { project, place }: { readonly project: Project; readonly place: Place },
  { rows, folder, options, isBroken }: UploadPorts,
): Promise<Answer | undefined> {
  const parameters = parametersOf(asked)
  if ('refused' in parameters) return parameters.refused
  const { status, isShown } = parameters.found
  const at = { project: project.id, name: place.name, version: place.version }
  const hasFile = (row: PackageRow | undefined) => row?.files.some(({ name }) => name === place.file) === true
  const before = rows.find(at)
  const wasThere = hasFile(before)
  if (isMultipart(asked)) asked.note(`${asked.request.url}: a form instead of the file; GitLab keeps the form's bytes`)
  asked.goAhead()
  const bytes = await folder.receive(asked)
  if (bytes === undefined) return undefined
  if (isBroken) return forbidden()
  if (bytes.size > (options.maxFileSize ?? Infinity)) return refusal(400, '400 Bad request - File is too large')
  const now = rows.find(at)
  if (options.raceWith500 && before === undefined && now !== undefined) return refusal(500, '500 Internal Server Error')
  const { duplicates = 'added' } = options
  const isTaken = duplicates === 'refused' ? hasFile(now) : duplicates === 'refused-unless-raced' && wasThere
  if (isTaken) return refusal(400, '400 Bad request - Duplicate package is not allowed')
  if (asked.fault.acceptAndForget) return { status: 201, json: { message: '201 Created' } }
  const { row, file } = rows.add(at, asked.fault.storeAs ?? place.file, bytes, uploaderOf(asker))
  // It is the package's that was there before, too: the service changes the column.
  row.status = status ?? row.status
  return { status: 201, json: isShown ? shownFile(row.id, file) : { message: '201 Created' } }
}

function uploaderOf(asker: Asker): GenericUploader | undefined {
  if (asker.kind !== 'job') return undefined
  const { pipeline, ref, commit, source, user, project } = asker.job
  return { pipeline, ref, commit, source, user, project }
}

function isMultipart({ request }: GitlabAsked): boolean {
  return request.headers['content-type']?.startsWith('multipart/') === true
}
