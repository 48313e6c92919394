/** The documents of a repository that list its packages, by the types that repomd.xml has for them. */
export const kinds = ['primary', 'filelists', 'other'] as const
export type Kind = (typeof kinds)[number]

/** One thing for each of the three. */
export type PerKind<T> = Readonly<Record<Kind, T>>

export function ofEach<T>(make: (kind: Kind) => T): PerKind<T> {
  return { primary: make('primary'), filelists: make('filelists'), other: make('other') }
}

/** The root of each document. createrepo_c writes the same names (src/xml_file.h). */
export const roots: PerKind<{ readonly name: string; readonly attributes: Readonly<Record<string, string>> }> = {
  primary: {
    name: 'metadata',
    attributes: { xmlns: 'http://linux.duke.edu/metadata/common', 'xmlns:rpm': 'http://linux.duke.edu/metadata/rpm' },
  },
  filelists: { name: 'filelists', attributes: { xmlns: 'http://linux.duke.edu/metadata/filelists' } },
  other: { name: 'otherdata', attributes: { xmlns: 'http://linux.duke.edu/metadata/other' } },
}
