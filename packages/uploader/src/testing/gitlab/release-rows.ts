import type { ReleaseLink, ReleaseLinkOptions } from './release-links.js'

/** A release of a project. */
export interface GitlabRelease {
  /** The project's number. */
  readonly project: number
  /** The tag that it is of. */
  readonly tag: string
  /** The commit that the tag was at. */
  readonly commit: string
  /** Its title. */
  readonly name: string
  /** Markdown. */
  readonly description: string | null
  /** When it is, was or will be released, as GitLab writes it. */
  readonly releasedAt: string
  /** When the entry was made. */
  readonly createdAt: string
  /** The titles of its milestones. */
  readonly milestones: readonly string[]
  /** Who made it. */
  readonly author: string
  /** Its links, the oldest first. */
  readonly links: readonly ReleaseLink[]
}

/** A release as somebody wants it. */
export type ReleaseOptions = Pick<GitlabRelease, 'project' | 'tag' | 'commit'> &
  Partial<Omit<GitlabRelease, 'links'>> & {
    /** @default none */
    readonly links?: readonly ReleaseLinkOptions[] | undefined
  }

/** The releases of all projects. Numbers of links only grow. */
export class ReleaseRows {
  #rows: GitlabRelease[] = []
  #nextLink = 1

  get all(): readonly GitlabRelease[] {
    return this.#rows
  }

  find(project: number, tag: string): GitlabRelease | undefined {
    return this.#rows.find((row) => row.project === project && row.tag === tag)
  }

  add({ links = [], ...options }: ReleaseOptions, now: string): GitlabRelease {
    const defaults = { name: options.tag, description: null, releasedAt: now, createdAt: now, milestones: [], author: 'grace' }
    const row = { ...defaults, ...options, links: links.map((link) => this.newLink(link)) }
    this.#rows.push(row)
    return row
  }

  newLink(link: ReleaseLinkOptions): ReleaseLink {
    return { ...link, id: this.#nextLink++, type: link.type ?? 'other' }
  }

  /** The release is another one from now on. */
  replace(row: GitlabRelease, changed: Partial<GitlabRelease>): GitlabRelease {
    const now = { ...row, ...changed }
    this.#rows = this.#rows.map((other) => (other.project === row.project && other.tag === row.tag ? now : other))
    return now
  }

  delete(project: number, tag: string): void {
    this.#rows = this.#rows.filter((row) => row.project !== project || row.tag !== tag)
  }
}
