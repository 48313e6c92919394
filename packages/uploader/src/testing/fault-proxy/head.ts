import { STATUS_CODES } from 'node:http'

/** What comes is not the HTTP/1.1 that is understood here. */
export class NotHttp extends Error {}

/** A message up to its first empty line. */
export interface Head {
  readonly bytes: Buffer
  /** The three parts of the first line. */
  readonly start: readonly [string, string, string]
  /** Lower-case names. */
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** Where a body ends: after so many bytes, after its last chunk, or with its connection. */
export type Framing = number | 'chunked' | 'until-close'

export function parseHead(bytes: Buffer): Head {
  const [first = '', ...lines] = bytes.toString('latin1').slice(0, -4).split('\r\n')
  const [, one, two, three] = /^(\S+) (\S+) ?(.*)$/.exec(first) ?? []
  if (one === undefined || two === undefined || three === undefined) throw new NotHttp(`first line ${JSON.stringify(first.slice(0, 100))}`)
  const fields = lines.map((line) => {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw new NotHttp(`header ${JSON.stringify(line.slice(0, 100))}`)
    return [name.toLowerCase(), value] as const
  })
  return { bytes, start: [one, two, three], fields }
}

export function statusOf({ start: [version, status] }: Head): number {
  if (!version.startsWith('HTTP/1.') || !/^[1-9]\d\d$/.test(status)) throw new NotHttp(`status ${status.slice(0, 100)}`)
  return Number(status)
}

/** RFC 9112, section 6.3. */
export function requestFraming(head: Head): Framing {
  return announced(head) ?? 0
}

export function answerFraming(head: Head, method: string): Framing {
  const status = statusOf(head)
  if (method === 'HEAD' || status === 204 || status === 304) return 0
  return announced(head) ?? 'until-close'
}

function announced(head: Head): Framing | undefined {
  const encoding = valuesOf(head, 'transfer-encoding')
  const length = valuesOf(head, 'content-length')
  if (encoding.length + length.length === 0) return undefined
  if (encoding.length + length.length > 1) throw new NotHttp('several lengths')
  if (encoding.length > 0 && encoding[0]?.toLowerCase() === 'chunked') return 'chunked'
  if (length[0] === undefined || !/^\d{1,15}$/.test(length[0])) throw new NotHttp('a length that is none')
  return Number(length[0])
}

/** Whether the connection can be used again. */
export function keepsAlive(head: Head): boolean {
  return head.start.includes('HTTP/1.1') && !/\bclose\b/i.test(valuesOf(head, 'connection').join())
}

export function valuesOf({ fields }: Head, name: string): readonly string[] {
  return fields.flatMap(([known, value]) => (known === name ? [value] : []))
}

/** An answer's head with another status, where one is given, and other headers. `null` takes a header away. */
export function rewritten(
  { start, fields }: Head,
  status: number | undefined,
  headers: Readonly<Record<string, string | readonly string[] | null>>,
): Buffer {
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const added = Object.entries(headers).flatMap(([name, values]) => (values === null ? [] : [values].flat().map((value) => [name, value])))
  return headOf(status === undefined ? start.join(' ') : statusLine(status), [...fields.filter(([name]) => !names.has(name)), ...added])
}

export function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}`
}

export function headOf(first: string, fields: readonly (readonly string[])[]): Buffer {
  return Buffer.from(`${[first, ...fields.map((field) => field.join(': '))].join('\r\n')}\r\n\r\n`, 'latin1')
}
