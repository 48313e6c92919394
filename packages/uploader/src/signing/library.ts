import type { Config } from 'openpgp'

/** The library, OpenPGP.js. */
export type OpenPgp = typeof import('openpgp')

/** Loads the library with the first key or signature. It is larger than most of what imports this room. */
export function loadOpenPgp(): Promise<OpenPgp> {
  return import('openpgp')
}

/** The library's settings for this room. They are given with each call: a program that uses the library too may have others. */
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
    // The room judges algorithms itself, and says which it found.
    rejectPublicKeyAlgorithms: new Set(),
    rejectCurves: new Set(),
    minRSABits: 0,
  }
}

/** The same with every digest. What this accepts and `strictly` refuses has a digest that is too weak. */
export function withAnyDigest(library: OpenPgp): Config {
  return { ...strictly(library), rejectHashAlgorithms: new Set(), rejectMessageHashAlgorithms: new Set() }
}
