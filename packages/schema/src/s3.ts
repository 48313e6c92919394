import { parseUrl } from './url.js'

/** How a bucket is addressed: by the path, `https://s3.example/bucket/key`, or by the host, `https://bucket.s3.example/key`. */
export type BucketAddressing = 'path' | 'host'

/** A bucket, as authors and programs write it. */
export interface BucketName {
  /** Its name: `acme-packages`. */
  readonly bucket: string
  /** The region that it is in: `eu-central-1`. */
  readonly region: string
  /** The server's address. @default that of AWS for the region */
  readonly endpoint?: string | undefined
  /** @default `host` at AWS for a name without dots, and `path` elsewhere */
  readonly addressing?: BucketAddressing | undefined
}

/** Where a bucket answers. */
export interface BucketPlace {
  /** Scheme, host and port; with the addressing `host` the bucket's name is part of it. */
  readonly origin: string
  /** How it is addressed there. */
  readonly addressing: BucketAddressing
}

/** Where readers find what is published, as by a CDN. */
export interface ReadAddress {
  /** Scheme, host and port. */
  readonly origin: string
  /** Stands before the path of each file: `/linux`, or nothing. */
  readonly path: string
}

/** Whether a text can name a bucket (S3 user guide, "General purpose bucket naming rules"). */
export function isBucketName(text: string): boolean {
  return typeof text === 'string' && /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text)
}

/** Whether a text can name a region. */
export function isRegionName(text: string): boolean {
  return typeof text === 'string' && /^[a-z0-9][a-z0-9-]{0,62}$/.test(text)
}

/** Whether a text can be the folder of a bucket that a repository begins at: `linux/stable`. */
export function isKeyPrefix(text: string): boolean {
  return (
    typeof text === 'string' && text.length <= 300 && /^(?!\.{1,2}(?:\/|$))[\w.+~@=-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.+~@=-]+)*$/.test(text)
  )
}

/** The address that readers use: `https://downloads.example/linux`. `undefined`: the text is none. */
export function parseReadAddress(text: string): ReadAddress | undefined {
  const url = typeof text === 'string' ? parseUrl(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search + url.hash + url.username + url.password !== '') return undefined
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, '') }
}

/** Where a bucket answers. `undefined`: its name, its region or the endpoint is none. */
export function bucketPlace({ bucket, region, endpoint, addressing }: BucketName): BucketPlace | undefined {
  if (!isBucketName(bucket) || !isRegionName(region)) return undefined
  const url = parseUrl(endpoint ?? `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`)
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== '/' ||
    url.search + url.hash + url.username + url.password !== ''
  )
    return undefined
  // A certificate for *.s3.… fits one name more, and a dot would make two of it.
  const usual = isOfAws(url.hostname) && !bucket.includes('.') ? 'host' : 'path'
  const chosen = addressing ?? usual
  return { origin: chosen === 'host' ? `${url.protocol}//${bucket}.${url.host}` : url.origin, addressing: chosen }
}

/** Where keys are issued for ID tokens. `undefined`: the address is none. */
export function stsOrigin({
  region,
  endpoint,
  sts,
}: Pick<BucketName, 'region' | 'endpoint'> & { readonly sts?: string | undefined }): string | undefined {
  return originOf(sts ?? endpoint ?? `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`)
}

/** The origin that an address is, without anything more. */
function originOf(address: string): string | undefined {
  const url = typeof address === 'string' ? parseUrl(address) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/` ? url.origin : undefined
}

/** Where Google Cloud Storage answers. `undefined`: the address is none. */
export function googleOrigin(endpoint = 'https://storage.googleapis.com'): string | undefined {
  return originOf(endpoint)
}

/** Whether a text names a role: `arn:aws:iam::123456789012:role/publish`. */
export function isRoleName(text: string): boolean {
  return typeof text === 'string' && text.length <= 2048 && /^arn:[\w-]+:iam:[\w-]*:[\w-]*:role\/[\x21-\x7e]+$/.test(text)
}

/** Whether a host is one of AWS, where the names of all buckets are one namespace. */
export function isOfAws(hostname: string): boolean {
  return /(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(hostname.toLowerCase().replace(/\.$/, ''))
}
