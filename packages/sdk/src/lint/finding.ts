/** The place of a value in the document: keys as in the YAML, and indexes of lists. */
export type Path = readonly (string | number)[]

/** Something that GitLab refuses (`error`), or says, or may refuse depending on files that were not read (`warning`). */
export interface Finding {
  /** Stable: `gitlab/needs-undefined`. */
  readonly code: string
  /** The rule of GitLab that this breaks, such as `N3`: they are listed beside the tests. */
  readonly rule: string
  readonly severity: 'error' | 'warning'
  readonly path: Path
  readonly job?: string
  /** Counted from 1, where the document was read from text. */
  readonly line?: number
  /** What is wrong, for a reader of YAML. */
  readonly message: string
  /** What GitLab itself says, where that is known. */
  readonly gitlab?: string
}

/** Thrown where GitLab stops at once and looks at nothing else; never leaves this folder. */
export class Refused extends Error {
  readonly finding: Finding

  constructor(
    rule: string,
    code: string,
    message: string,
    { gitlab, path = [], line }: { gitlab?: string; path?: Path; line?: number } = {},
  ) {
    super(message)
    this.name = 'Refused'
    const known = { ...(line !== undefined && { line }), ...(gitlab !== undefined && { gitlab }) }
    this.finding = { code: `gitlab/${code}`, rule, severity: 'error', path, message, ...known }
  }
}
