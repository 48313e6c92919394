import type { Finding, Path } from './finding.js'
import { defaultLimits, type Limits } from './limits.js'
import type { RuleId } from './rule.js'

interface FailOptions {
  /** Reports the line of this key of the value. */
  readonly key?: string | undefined
  readonly severity?: 'warning' | undefined
}

type Found = Pick<Finding[], 'push'>

/** A place in the document, and where problems of its value are reported. */
export class Place {
  readonly path: Path
  readonly job: string | undefined
  readonly limits: Limits
  readonly #found: Found

  constructor(found: Found, limits: Limits = defaultLimits, at: { readonly path: Path; readonly job?: string | undefined } = { path: [] }) {
    this.path = at.path
    this.job = at.job
    this.limits = limits
    this.#found = found
  }

  /** The place of a member of a mapping or an item of a list. */
  at(key: string | number): Place {
    return new Place(this.#found, this.limits, { path: [...this.path, key], job: this.job })
  }

  ofJob(name: string, key: string | number): Place {
    return new Place(this.#found, this.limits, { path: [key], job: name })
  }

  /** The same place; calls `notify` for each problem reported below it. */
  watching(notify: () => void): Place {
    const push = (...findings: Finding[]): number => {
      notify()
      return this.#found.push(...findings)
    }
    return new Place({ push }, this.limits, this)
  }

  /** Reports a problem of the value. `problem` follows the path: ``` `build.tags` should be a list of strings ```. */
  fail(rule: RuleId, code: string, problem: string, { key, severity = undefined }: FailOptions = {}): void {
    this.#found.push({
      code: `gitlab/${code}`,
      rule,
      severity: severity ?? 'error',
      path: key === undefined ? this.path : [...this.path, key],
      ...(this.job !== undefined && { job: this.job }),
      message: `${this.path.length === 0 ? 'the file' : `\`${this.path.join('.')}\``} ${problem}`,
    })
  }
}
