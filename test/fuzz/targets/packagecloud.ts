import { type PackageCoordinates, StagegateError, UsageError } from '@stagegate/schema'
import { systemClock } from '../../../packages/uploader/src/contract/clock.js'
import { quote, redactor } from '../../../packages/uploader/src/contract/quote.js'
import type { HttpAnswer, HttpClient } from '../../../packages/uploader/src/http/client.js'
import { retryAt } from '../../../packages/uploader/src/http/retry-after.js'
import { DistributionTable } from '../../../packages/uploader/src/repository/packagecloud/distributions.js'
import { parseDownloadPath } from '../../../packages/uploader/src/repository/packagecloud/paths.js'
import { findPackage } from '../../../packages/uploader/src/repository/packagecloud/search.js'
import { Site } from '../../../packages/uploader/src/repository/packagecloud/site.js'
import { writtenBy } from '../../../packages/uploader/src/repository/packagecloud/upload-answer.js'
import { PackageDetails, parseAnswer } from '../../../packages/uploader/src/repository/packagecloud/wire.js'
import { bytesOf, mustHold, type Target } from '../target.js'

const origin = 'https://packagecloud.example'
const at: PackageCoordinates = {
  format: 'deb',
  distribution: 'ubuntu/jammy',
  architecture: 'amd64',
  name: 'acme',
  version: '1:1.2.3-1',
  file: 'acme_1.2.3-1_amd64.deb',
}
const row = {
  name: 'acme',
  filename: at.file,
  distro_version: at.distribution,
  type: 'deb',
  version: '1.2.3',
  release: '1',
  epoch: 1,
  architecture: 'amd64',
  sha256sum: 'a'.repeat(64),
  package_url: '/api/v1/repos/acme/stable/package/deb/ubuntu/jammy/acme/amd64/1.2.3-1.json',
}
const json = (...values: readonly unknown[]) => bytesOf(...values.map((value) => JSON.stringify(value)))
const words = [
  'null',
  '""',
  '[',
  '{',
  '"',
  ',',
  ':',
  '\\ud800',
  '\\u0000',
  '..',
  '/',
  '%2e',
  '-1',
  '1e999',
  '__proto__',
  '"filename":',
  '\x1b[2J',
  '\xff',
]
const refuses = (error: unknown) => error instanceof StagegateError && isOneLineEach(error)

/** What others wrote must not look like a line of ours: a message has as many as its own parts. */
function isOneLineEach({ what, where = '' }: StagegateError): boolean {
  return !/[\p{Cc}\u2028\u2029]|section_(?:start|end):/u.test(what + where)
}

/** A server that says always the same, and whoever is sent to another path than asked for is wrong. */
function siteThat(answers: (path: string) => HttpAnswer): Site {
  const redact = redactor(['a secret'])
  const client: HttpClient = {
    origin,
    send: async ({ path }) => answers(path),
    download: () => Promise.reject(new TypeError('Expected no download')),
    quote: (text) => quote(text, redact),
  }
  return new Site(client, 'acme/stable', 'TOKEN', systemClock)
}
const call = () => ({ signal: new AbortController().signal, deadline: systemClock.now() })

/** The first line is a header, the rest a body. */
function split(input: Buffer): readonly [header: string, body: string] {
  const text = input.toString('utf8')
  const end = text.indexOf('\n')
  return end === -1 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)]
}

export const packagecloud: readonly Target[] = [
  {
    name: 'search',
    seeds: bytesOf(
      `<${origin}/api/v1/repos/acme/stable/search.json?q=acme&page=2>; rel="next", </x?page=9>; rel=last\n${JSON.stringify([row])}`,
      `\n${JSON.stringify([row, { ...row, filename: 'other.deb', sha256sum: null, epoch: null }, {}])}`,
      '\n[]',
    ),
    dictionary: [...words, '<', '>', '; rel="next"', '//elsewhere.example/', '?page=3', 'rel=next'],
    read: async (input) => {
      const [link, text] = split(input)
      let asked = 0
      const site = siteThat((path) => {
        asked++
        mustHold(path.startsWith('/api/v1/repos/acme/stable/search.json?') && asked < 500, `the same list, got ${path}`)
        return { status: 200, headers: { link: asked % 2 === 1 ? link : '', total: '1' }, text }
      })
      const found = await findPackage(site, 'acme/stable', at, call())
      mustHold(found === undefined || (found.filename !== '..' && !/[/\p{Cc}]/u.test(found.filename)), 'one segment of a path')
      return found === undefined ? 'none' : 'one'
    },
    refuses,
  },
  {
    name: 'details',
    seeds: json({ ...row, size: '3712.0' }, { filename: 'x', size: null }, { filename: 'x', size: '1e3', sha256sum: 'A'.repeat(64) }),
    dictionary: words,
    read: (input) => {
      const { size, sha256sum } = parseAnswer(PackageDetails, input.toString('utf8'), origin)
      mustHold(size === undefined || (Number.isSafeInteger(size) && size >= 0), `a size, got ${size}`)
      mustHold(sha256sum === undefined || /^[0-9a-f]{64}$/.test(sha256sum), `a digest, got ${sha256sum}`)
      return `${typeof size} ${typeof sha256sum}`
    },
    refuses,
  },
  {
    name: 'distributions',
    seeds: json({
      deb: [{ index_name: 'ubuntu', versions: [{ id: 237, index_name: 'jammy' }] }],
      rpm: [],
      py: [{ versions: [{ id: 166 }] }],
    }),
    dictionary: words,
    read: async (input) => {
      const text = input.toString('utf8')
      const ids = await new DistributionTable(siteThat(() => ({ status: 200, headers: {}, text }))).ids(call())
      for (const id of ids.get('deb')?.values() ?? []) mustHold(Number.isSafeInteger(id), `an id, got ${id}`)
      return `${Math.min(9, ids.get('deb')?.size ?? 0)}`
    },
    refuses,
  },
  {
    name: 'upload-answer',
    seeds: bytesOf(
      `201\n${JSON.stringify(row)}`,
      `200\n${JSON.stringify({ package: { filename: at.file } })}`,
      '201\n{}',
      '422\n{"filename":["has already been taken"]}',
      '422\n{"filename":["has already been taken"],"plan":["Upgrade to add more packages!"]}',
      '401\n{"error":"Unauthenticated"}',
      '503\n<html>',
    ),
    dictionary: [...words, '201', '422', '500', 'has already been taken', 'section_start:1:x'],
    read: (input) => {
      const [status, text] = split(input)
      const answer = { status: Number(/\d{3}/.exec(status)?.[0] ?? 200), headers: {}, text }
      const written = writtenBy(
        answer,
        siteThat(() => answer),
        'acme/stable',
        'ubuntu/jammy',
      )
      if (written.outcome === 'accepted' && written.location !== undefined)
        mustHold(parseDownloadPath('acme/stable', written.location).distribution === 'ubuntu/jammy', 'a location of ours')
      if (written.outcome === 'refused') mustHold(!/[\p{Cc}]/u.test(written.because.message), 'one line')
      return written.outcome
    },
    refuses,
  },
  {
    name: 'location',
    seeds: bytesOf('/acme/stable/packages/ubuntu/jammy/acme_1%2B2.deb/download'),
    dictionary: [...words, '%', '%2F', '%zz', '/download', '/../', '?', '#', '//'],
    read: (input) => {
      const { distribution, file } = parseDownloadPath('acme/stable', input.toString('utf8'))
      return `${distribution.split('/').length} ${file === ''}`
    },
    refuses: (error) => error instanceof UsageError && !/[^\n -~]/.test(error.message),
  },
  {
    name: 'retry-after',
    largest: 1024,
    seeds: bytesOf('120', 'Sat, 31 Jan 2026 12:00:30 GMT', 'soon'),
    dictionary: ['GMT', 'Jan', '31', '2026', '-', '+', '99999', '275760', ' ', ',', ':', 'UTC', '1970', 'e9'],
    read: (input) => {
      const until = retryAt(input.toString('latin1'), systemClock.now())
      return typeof until
    },
    refuses,
  },
]
