import { Readable } from 'node:stream'
import type { Coordinates } from '@stagegate/schema'
import type { Body, Item } from '../../contract/capabilities.js'
import { contentOf, sampleBytes } from '../bytes.js'
import { makeDeb, makeRpm } from '../packages/index.js'
import type { ConformanceOptions } from './place.js'

/** An artifact to be written, and its bytes. */
export interface Artifact {
  readonly item: Item
  readonly data: Buffer
}

/** How artifacts of one format are made. */
export interface Maker {
  readonly format: string
  /** One of these: others have other coordinates. `variant`: other bytes for the same coordinates, where the format allows any. */
  make(name: string, variant?: number, size?: number): Artifact
  /** Whether there can be different bytes for the same coordinates. */
  readonly canDiffer: boolean
  /** Artifacts with the oddest coordinates that the format allows. */
  readonly odd: readonly (() => Artifact)[]
  /** One without any bytes, where the format allows that. */
  readonly empty?: (() => Artifact) | undefined
}

const long = 'x'.repeat(180)

function artifactOf(coordinates: Coordinates, bytes: Uint8Array): Artifact {
  const data = Buffer.from(bytes)
  return { item: { coordinates, content: contentOf(data) }, data }
}

const files: Maker = {
  format: 'file',
  canDiffer: true,
  make: (name, variant = 0, size = 2000) => fileAt(`conformance/${name}.bin`, sampleBytes(size, seedOf(name) + variant)),
  odd: [
    'a+b.txt',
    'a%2Bb.txt',
    'a~b^c@d=e-f_g.h.txt',
    '1.2.3~rc1/acme+x64.tar.gz',
    '.well-known/acme.txt',
    'UPPER.txt',
    'upper.txt',
    'deep/deeper/deepest/1/2/3/acme.txt',
    `${long}.txt`,
  ].map((path) => () => fileAt(`odd/${path}`, sampleBytes(300, seedOf(path)))),
  empty: () => fileAt('conformance/empty.bin', Buffer.alloc(0)),
}

function fileAt(path: string, data: Uint8Array): Artifact {
  return artifactOf({ format: 'file', path }, data)
}

/** Blobs of images are found by their digest, so different bytes have different coordinates. */
const blobsUnder = (names: readonly string[]): Maker => ({
  format: 'image',
  canDiffer: false,
  make: (name, _variant, size = 2000) => blobOf('conformance/hello', sampleBytes(size, seedOf(name))),
  odd: names.map((image) => () => blobOf(image, sampleBytes(300, seedOf(image)))),
})
const oddNames = ['with-dash.and_underscore/x__y', 'x'.repeat(120)]

export function blobOf(image: string, data: Uint8Array): Artifact {
  const { sha256 } = contentOf(data)
  return artifactOf({ format: 'blob', image, mediaType: 'application/octet-stream', digest: sha256 }, data)
}

function debs(distribution: string): Maker {
  const make = (name: string, version: string, variant: number, size: number) =>
    artifactOf(
      {
        format: 'deb',
        distribution,
        architecture: 'amd64',
        name,
        version,
        file: `${name}_${version.replace(/^\d+:/, '')}_amd64.deb`,
      },
      makeDeb({ name, version, architecture: 'amd64', size, compression: 'none', fields: { 'X-Variant': String(variant) } }),
    )
  return {
    format: 'deb',
    canDiffer: true,
    make: (name, variant = 0, size = 100) => make(nameOf(name), '1.2.3-1', variant, size),
    odd: [
      ['g++-13', '13.2.0-4ubuntu3'],
      ['libc6', '1:2.0~rc1+dfsg-1'],
      ['acme', '1.2.3-1'],
      ['acme', '1.2.3-10'],
      ['acme', '1.2.3-1+b1'],
      ['acme', '1.2.3~rc1-1'],
      ['x'.repeat(100), '1'],
    ].map(
      ([name = '', version = '']) =>
        () =>
          make(name, version, 0, 50),
    ),
  }
}

function rpms(distribution: string): Maker {
  const make = (name: string, version: string, release: string, made: { variant: number; size: number }) =>
    artifactOf(
      {
        format: 'rpm',
        distribution,
        architecture: 'x86_64',
        name,
        version: `${version}-${release}`,
        file: `${name}-${version}-${release}.x86_64.rpm`,
      },
      // Each variant is longer by a byte: nothing else of a made package varies.
      makeRpm({ name, version, release, architecture: 'x86_64', size: made.size + made.variant }),
    )
  return {
    format: 'rpm',
    canDiffer: true,
    make: (name, variant = 0, size = 100) => make(nameOf(name), '1.2.3', '1.el9', { variant, size }),
    odd: [
      ['acme', '1.2.3', '1.el9'],
      ['acme', '1.2.3', '10.el9'],
      ['acme-libs', '1.2.3', '1.el9'],
      ['acme', '1.2.3~rc1', '1.el9'],
      ['acme', '1.2.3^git1', '1.el9'],
      ['libstdc++', '11.4.1', '3.el9'],
    ].map(
      ([name = '', version = '', release = '']) =>
        () =>
          make(name, version, release, { variant: 0, size: 50 }),
    ),
  }
}

export function makersOf({ formats, distributions = {}, without = [] }: ConformanceOptions): readonly Maker[] {
  const { deb = 'ubuntu/jammy', rpm = 'el/9' } = distributions
  const all: Readonly<Record<ConformanceOptions['formats'][number], () => Maker>> = {
    deb: () => debs(deb),
    rpm: () => rpms(rpm),
    file: () => files,
    image: () => blobsUnder(without.includes('deepNames') ? oddNames : [...oddNames, 'a/b/c/d']),
  }
  return formats.map((format) => all[format]())
}

/** The body of an artifact, in two pieces where it has that many bytes. */
export function bodyOf({ item, data }: Artifact): Body {
  const half = Math.floor(data.length / 2)
  const pieces = [data.subarray(0, half), data.subarray(half)].filter((piece) => piece.length > 0)
  return bodyFrom(item, pieces)
}

/** A body whose bytes come from here. */
export function bodyFrom({ content }: Pick<Item, 'content'>, chunks: Iterable<Buffer> | AsyncIterable<Buffer>): Body {
  // Nothing is read ahead: bytes that a repository has not asked for are not made.
  return bodyBy({ content }, () => Readable.from(chunks, { objectMode: false, highWaterMark: 1 }))
}

/** As the engine's, it has a reader of its errors from the beginning. */
export function bodyBy({ content }: Pick<Item, 'content'>, open: () => Readable): Body {
  return { content, stream: () => open().on('error', () => undefined) }
}

function nameOf(name: string): string {
  return `conformance-${name}`
}

function seedOf(text: string): number {
  let seed = 7
  for (const char of text) seed = (Math.imul(seed, 31) + char.charCodeAt(0)) >>> 0
  return seed
}
