import type { Finding, Path } from './finding.js'
import { defaultLimits, type Limits } from './limits.js'

interface Problem {
  readonly rule: string
  readonly code: string
  /** GitLab's words after the place: `should be a boolean value`. */
  readonly rest: string
  /** Ours, where GitLab's would not be understood. */
  readonly ours?: string | undefined
  /** GitLab's whole sentence, where it does not name the place. */
  readonly whole?: string | undefined
  readonly severity?: 'warning' | undefined
  /** A key of the value that is to blame: its line is told. */
  readonly key?: string | undefined
}

/** Where a check looks: in the document, and in GitLab's messages, which name places in their own way. */
export class Place {
  readonly path: Path
  readonly job: string | undefined
  readonly limits: Limits
  readonly #location: string
  readonly #subject: string
  readonly #found: Pick<Finding[], 'push'>

  private constructor(from: {
    path: Path
    job: string | undefined
    location: string
    subject: string
    found: Pick<Finding[], 'push'>
    limits: Limits
  }) {
    this.path = from.path
    this.job = from.job
    this.limits = from.limits
    this.#location = from.location
    this.#subject = from.subject
    this.#found = from.found
  }

  static root(found: Finding[], limits: Limits = defaultLimits): Place {
    return new Place({ path: [], job: undefined, location: '', subject: 'config', found, limits })
  }

  /** A keyword with rules of its own: `jobs:build:artifacts config …`. */
  entry(key: string | number, segment = String(key)): Place {
    return this.#with({
      path: [...this.path, key],
      location: this.#location === '' ? segment : `${this.#location}:${segment}`,
      subject: 'config',
    })
  }

  /** A value judged with what it stands in: `jobs:build:artifacts expire in …`. */
  attribute(key: string): Place {
    return this.#with({ path: [...this.path, key], subject: key.replaceAll('_', ' ') })
  }

  /** An item of a list, which GitLab does not name. */
  item(index: number): Place {
    return this.#with({ path: [...this.path, index] })
  }

  /** The same value under another name in GitLab's messages. */
  called(location: string, subject = 'config'): Place {
    return this.#with({ location, subject })
  }

  /** How GitLab names where this is, and where what it stands in is. */
  locationOf(): string {
    return this.#location
  }
  parentLocation(): string {
    return this.#location.split(':').slice(0, -1).join(':')
  }

  /** Says so to whoever asks, when something is found from here on. */
  watching(tell: () => void): Place {
    const found = this.#found
    const push = (...findings: Finding[]): number => {
      tell()
      return found.push(...findings)
    }
    return this.#with({ found: { push } })
  }

  ofJob(name: string, key: string | number): Place {
    return this.#with({ job: name, path: [key], location: `jobs:${name}`, subject: 'config' })
  }

  fail({ rule, code, rest, ours, whole, severity = undefined, key }: Problem): void {
    const gitlab =
      whole ??
      [this.#location, this.#subject, rest]
        .filter((part) => part !== '')
        .join(' ')
        .toLowerCase()
    this.#found.push({
      code: `gitlab/${code}`,
      rule,
      severity: severity ?? 'error',
      path: key === undefined ? this.path : [...this.path, key],
      ...(this.job !== undefined && { job: this.job }),
      message: `${this.path.length === 0 ? 'the file' : `\`${this.path.join('.')}\``} ${ours ?? rest}`,
      gitlab,
    })
  }

  #with(change: { path?: Path; job?: string; location?: string; subject?: string; found?: Pick<Finding[], 'push'> }): Place {
    return new Place({
      path: this.path,
      job: this.job,
      location: this.#location,
      subject: this.#subject,
      found: this.#found,
      limits: this.limits,
      ...change,
    })
  }
}
