import { S3Refusal } from './errors.js'
import { md5Of, type S3Object, sha256Of } from './objects.js'

interface Part {
  readonly data: Buffer
  readonly checksum: string | undefined
}

interface Upload {
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly hasChecksums: boolean
  readonly parts: Map<number, Part>
}

/** Uploads in parts that are under way. */
export class Uploads {
  readonly all = new Map<string, Upload>()
  readonly #smallestPart: number
  #count = 0

  constructor(smallestPart: number) {
    this.#smallestPart = smallestPart
  }

  begin(key: string, headers: Readonly<Record<string, string>>, hasChecksums: boolean): string {
    // Names as they are: with characters that an address must encode.
    const id = `up+load/${++this.#count}==`
    this.all.set(id, { key, headers, hasChecksums, parts: new Map() })
    return id
  }

  find(id: string, key: string): Upload {
    const upload = this.all.get(id)
    if (upload?.key === key) return upload
    throw new S3Refusal(
      404,
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    )
  }

  /** Keeps a part and returns its ETag. */
  put(upload: Upload, number: number, part: Part): string {
    if (!(number >= 1 && number <= 10_000))
      throw new S3Refusal(400, 'InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive')
    upload.parts.set(number, part)
    return `"${md5Of(part.data)}"`
  }

  /** The object that a list of parts makes. */
  complete(upload: Upload, body: string): S3Object {
    const listed = [...body.matchAll(/<Part>([\s\S]*?)<\/Part>/g)].map(([, text = '']) => ({
      number: Number(/<PartNumber>(\d+)<\/PartNumber>/.exec(text)?.[1]),
      etag: (/<ETag>([^<]*)<\/ETag>/.exec(text)?.[1] ?? '').replaceAll('&quot;', '"').replaceAll('&#34;', '"'),
      checksum: /<ChecksumSHA256>([^<]*)<\/ChecksumSHA256>/.exec(text)?.[1],
    }))
    if (listed.length === 0) throw new S3Refusal(400, 'MalformedXML', 'The XML you provided was not well-formed.')
    const parts = listed.map(({ number, etag, checksum }, index) => {
      const part = upload.parts.get(number)
      if (part === undefined || etag !== `"${md5Of(part.data)}"` || (upload.hasChecksums && checksum !== part.checksum))
        throw new S3Refusal(400, 'InvalidPart', 'One or more of the specified parts could not be found.')
      if (number <= (listed[index - 1]?.number ?? 0))
        throw new S3Refusal(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.')
      if (index < listed.length - 1 && part.data.length < this.#smallestPart)
        throw new S3Refusal(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size')
      return part
    })
    const sums = parts.map(({ data }) => Buffer.from(md5Of(data), 'hex'))
    const digests = parts.map(({ data }) => Buffer.from(sha256Of(data), 'hex'))
    return {
      data: Buffer.concat(parts.map(({ data }) => data)),
      etag: `"${md5Of(Buffer.concat(sums))}-${parts.length}"`,
      headers: upload.headers,
      ...(upload.hasChecksums && { checksum: `${sha256Of(Buffer.concat(digests), 'base64')}-${parts.length}` }),
    }
  }
}
