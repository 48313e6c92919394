import type { StorePath } from '../path.js'

/** How a bucket is addressed: by the path, `https://s3.example/bucket/key`, or by the host, `https://bucket.s3.example/key`. */
type Style = 'path' | 'host'

/** A bucket, and how it is addressed on its origin. */
export interface Bucket {
  readonly name: string
  readonly style: Style
}

/** The path of an object on the bucket's origin, or that of the bucket itself. */
export function pathIn({ name, style }: Bucket, key: string, query: Readonly<Record<string, string>> = {}): string {
  const path = `${style === 'path' ? `/${name}` : ''}/${encodeKey(key)}`
  const words = Object.entries(query).map(([one, value]) => `${encode(one)}=${encode(value)}`)
  return words.length === 0 ? path : `${path}?${words.join('&')}`
}

/** As S3 wants keys in addresses: a raw `+` would be a space there. */
export function encodeKey(key: string): string {
  return key.split('/').map(encode).join('/')
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** The key of a path, in a store that starts at a folder of the bucket. */
export function keyOf(prefix: StorePath | undefined, path: string): string {
  return prefix === undefined ? path : `${prefix}/${path}`
}
