import type { Config } from 'openpgp'

/** The library, OpenPGP.js. */
export type OpenPgp = typeof import('openpgp')

/** Loads the library with the first key or signature. It is larger than most programs that import this folder. */
export function loadOpenPgp(): Promise<OpenPgp> {
  return import('openpgp')
}

/** The library's settings for this folder. They are passed with each call, since a program that also uses the library may have others. */
export function strictly({ config, enums: { hash } }: OpenPgp): Config {
  return {
    ...config,
    preferredHashAlgorithm: hash.sha512,
    // The same text, key and time give the same signature, unless the algorithm itself is random.
    nonDeterministicSignaturesViaNotation: false,
    // Keys of GnuPG's own version 5 are read, so that an error can name them.
    enableParsingV5Entities: true,
    showVersion: false,
    showComment: false,
    // Debian 13's apt refuses keys whose own signatures use one of these.
    rejectHashAlgorithms: new Set([hash.md5, hash.sha1, hash.ripemd, hash.sha224]),
    rejectMessageHashAlgorithms: new Set([hash.md5, hash.sha1, hash.ripemd, hash.sha224]),
    // This folder judges algorithms itself, and reports which it found.
    rejectPublicKeyAlgorithms: new Set(),
    rejectCurves: new Set(),
    minRSABits: 0,
  }
}

/** The same with every digest. If this accepts what `strictly` refuses, the digest is too weak. */
export function withAnyDigest(library: OpenPgp): Config {
  return { ...strictly(library), rejectHashAlgorithms: new Set(), rejectMessageHashAlgorithms: new Set() }
}
