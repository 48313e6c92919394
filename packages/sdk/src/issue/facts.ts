import type { SourceLocation } from '../source-location.js'

/** A problem as data. One member for each code; codes are stable. */
export type IssueFacts =
  | { readonly code: 'structure/duplicate-name'; readonly name: string; readonly first: SourceLocation | undefined }
  | { readonly code: 'structure/label'; readonly label: string }
  | { readonly code: 'structure/reserved-name'; readonly job: string }
  | { readonly code: 'structure/name-length'; readonly job: string; readonly length: number }
  | { readonly code: 'structure/empty'; readonly kinds: readonly string[] }
  | { readonly code: 'structure/unknown-stage'; readonly job: string; readonly stage: string; readonly stages: readonly string[] }
  | { readonly code: 'structure/no-script'; readonly job: string }
  | { readonly code: 'structure/unknown-keyword'; readonly job: string; readonly keyword: string; readonly meant: string | undefined }
  | {
      readonly code: 'structure/unknown-property'
      readonly name: string
      readonly property: string
      readonly meant: string | undefined
    }
  | { readonly code: 'structure/value'; readonly job: string; readonly keyword: string; readonly expected: string; readonly found: string }
  | { readonly code: 'structure/script-and-trigger'; readonly job: string }
  | { readonly code: 'structure/environment-name'; readonly job: string; readonly environment: string }
  | { readonly code: 'structure/install'; readonly missing: readonly string[]; readonly line: string }
  | { readonly code: 'structure/override'; readonly job: string; readonly keyword: string; readonly at: string }
  | { readonly code: 'structure/patch'; readonly because: string; readonly problem: string }
  | { readonly code: 'structure/needs-undefined'; readonly job: string; readonly needs: string }
  | {
      readonly code: 'structure/needs-later-stage'
      readonly job: string
      readonly needs: string
      readonly stage: string
      readonly later: string
    }
  | { readonly code: 'structure/needs-duplicate'; readonly job: string; readonly needs: string }
  | { readonly code: 'structure/needs-limit'; readonly job: string; readonly count: number; readonly limit: number }
  | { readonly code: 'gate/include'; readonly files: readonly string[] }
  | { readonly code: 'gate/child'; readonly job: string }
  | { readonly code: 'structure/too-big'; readonly bytes: number; readonly limit: number; readonly of: 'file' | 'memory' }
  | { readonly code: 'structure/too-new'; readonly keyword: string; readonly since: string; readonly oldest: string }
  | { readonly code: 'structure/redefined'; readonly job: string; readonly made: SourceLocation | undefined }
  | { readonly code: 'structure/child'; readonly job: string; readonly problem: string }
  | { readonly code: 'secrets/in-child'; readonly job: string; readonly name: string; readonly reach: Reach }
  | { readonly code: 'gitlab/refused'; readonly finding: string; readonly at: string; readonly message: string }
  | { readonly code: 'structure/cycle'; readonly through: readonly string[] }
  | { readonly code: 'structure/expression'; readonly job: string; readonly expression: string; readonly problem: string }
  | { readonly code: 'structure/not-included'; readonly file: string }
  | { readonly code: 'structure/root-stages'; readonly file: string; readonly stages: readonly string[] }
  | { readonly code: 'structure/workflow-included'; readonly file: string; readonly wins: 'generated' | 'own' }
  | {
      readonly code: 'kinds/producer-absent'
      readonly job: string
      readonly needs: string
      readonly kind: string
      /** Where it is missing. @default everywhere in the kind */
      readonly where?: string
    }
  | { readonly code: 'kinds/unreachable'; readonly job: string }
  | { readonly code: 'kinds/condition'; readonly kind: string; readonly problem: string }
  | { readonly code: 'kinds/expression'; readonly expression: string; readonly problem: string }
  | { readonly code: 'kinds/variable'; readonly kind: string; readonly variable: string; readonly problem: string }
  | { readonly code: 'kinds/name'; readonly kind: string }
  | { readonly code: 'kinds/no-version'; readonly kind: string }
  | { readonly code: 'kinds/unanchored'; readonly kind: string; readonly expression: string; readonly ends: readonly ('start' | 'end')[] }
  | { readonly code: 'routes/twice'; readonly kind: string }
  | { readonly code: 'routes/foreign'; readonly kind: string; readonly name: string }
  | {
      readonly code: 'routes/destination-twice'
      readonly kind: string
      readonly repository: string
      readonly distribution?: string
    }
  | { readonly code: 'routes/repository-name'; readonly repository: string }
  | { readonly code: 'routes/page-as-staging'; readonly repository: string }
  | { readonly code: 'routes/notes'; readonly repository: string; readonly file: string }
  | { readonly code: 'routes/page-without-tag'; readonly repository: string; readonly kind: string }
  | { readonly code: 'routes/page-twice'; readonly repository: string; readonly kind: string; readonly entries: readonly string[] }
  | { readonly code: 'routes/public-without-staging'; readonly kind: string }
  | { readonly code: 'routes/relative-path'; readonly repository: string; readonly directory: string; readonly kind: string }
  | { readonly code: 'routes/empty'; readonly release: string }
  | {
      readonly code: 'routes/own-project'
      readonly repository: string
      readonly type: string
      readonly gitlab: string
      /** Its path. An issue's `path` is that of the construct. */
      readonly project?: string
    }
  | { readonly code: 'routes/format'; readonly target: string; readonly repository: string; readonly format: string }
  | {
      readonly code: 'routes/module'
      readonly repository: string
      readonly type: string
      readonly is: 'absent' | 'built-in' | 'path' | 'not-read' | 'missing' | 'imports'
      readonly module?: string
      /** The first import that is none of Node's own modules. */
      readonly imports?: string
    }
  | { readonly code: 'target/distribution'; readonly target: string; readonly distribution: string }
  | { readonly code: 'target/architecture'; readonly target: string; readonly architecture: string }
  | { readonly code: 'target/packages'; readonly target: string }
  | { readonly code: 'target/files'; readonly target: string }
  | { readonly code: 'target/path'; readonly target: string; readonly folder: string }
  | {
      readonly code: 'target/image-depth'
      readonly target: string
      readonly repository: string
      readonly image: string
      readonly project: string
    }
  | { readonly code: 'target/image-name'; readonly target: string; readonly name: string }
  | {
      readonly code: 'target/verify'
      readonly target: string
      readonly by: 'http' | 'apt' | 'dnf' | 'oci'
      readonly is: 'format' | 'repositories' | 'keys' | 'image'
      /** The kind in which it is published so. */
      readonly kind?: string
    }
  | { readonly code: 'target/platform'; readonly target: string; readonly platform: string }
  | { readonly code: 'target/tag'; readonly target: string; readonly tag: string; readonly is: 'version' | 'moving' | 'second' }
  | {
      readonly code: 'routes/collision'
      readonly kind: string
      readonly target: string
      readonly first: string
      readonly made: SourceLocation | undefined
      /** Names what both have: a file, or a tag of an image. */
      readonly what: string
      readonly repository: string
    }
  | {
      readonly code: 'gate/same-place'
      readonly staging: string
      readonly public: string
      readonly place: string
      readonly is: 'same' | 'perhaps'
    }
  | { readonly code: 'gate/undeclared'; readonly job: string; readonly way: string }
  | { readonly code: 'secrets/own-registry'; readonly repository: string; readonly variable: string }
  | { readonly code: 'kinds/no-ref'; readonly kind: string }
  | { readonly code: 'kinds/redefined'; readonly kind: string; readonly variable: string }
  | { readonly code: 'secrets/none'; readonly repository: string }
  | { readonly code: 'isolation/command-not-pinned'; readonly because: 'off' | 'unknown' }
  | { readonly code: 'isolation/image-not-pinned'; readonly image: string }
  | {
      readonly code: 'gate/open'
      readonly kind: string
      readonly job: string
      /** From the job that publishes to where the gate gives way. */
      readonly through: readonly string[]
      /** The author's lines of the same jobs. */
      readonly sources: readonly (SourceLocation | undefined)[]
      readonly because: GateReason
    }
  | { readonly code: 'secrets/reachable'; readonly job: string; readonly kind: string; readonly reach: Reach }
  | { readonly code: 'secrets/everywhere'; readonly repository: string; readonly variable: string; readonly own?: 'registry' | 'packages' }
  | { readonly code: 'secrets/not-own'; readonly repository: string }
  | { readonly code: 'secrets/renamed'; readonly variable: string; readonly where: 'variables' | 'workflow' | 'inputs' | 'include' }
  | { readonly code: 'secrets/environment'; readonly job: string; readonly environment: string }
  | { readonly code: 'secrets/environment-default'; readonly job: string; readonly environment: string }
  | { readonly code: 'secrets/shared'; readonly job: string; readonly variable: string; readonly owner: string }
  | { readonly code: 'secrets/defined'; readonly variable: string; readonly where: string }
  | { readonly code: 'secrets/command-line'; readonly job: string; readonly variable: string; readonly line: string }
  | { readonly code: 'isolation/installs'; readonly job: string; readonly line: string }
  | { readonly code: 'isolation/inherits'; readonly job: string; readonly what: 'default' | 'variables' }
  | { readonly code: 'isolation/keyword'; readonly job: string; readonly keyword: string }
  | { readonly code: 'isolation/checkout'; readonly job: string; readonly strategy: string | undefined }
  | { readonly code: 'isolation/retry'; readonly job: string; readonly on: 'credential' | 'deployment' }
  | {
      readonly code: 'isolation/artifacts'
      readonly job: string
      readonly from: string
      readonly made: SourceLocation | undefined
      readonly what: 'files' | 'variables'
    }
  | { readonly code: 'isolation/image'; readonly job: string; readonly image: string }
  | { readonly code: 'isolation/script'; readonly job: string; readonly line: string; readonly is: 'added' | 'missing' }
  | { readonly code: 'isolation/variable'; readonly job: string; readonly variable: string }
  | { readonly code: 'isolation/allowed-variable'; readonly variable: string; readonly effect: string }
  | { readonly code: 'isolation/lifecycle-scripts'; readonly line: string; readonly is: 'forced' | 'usual' | 'accepted' }
  | { readonly code: 'isolation/overlap'; readonly job: string; readonly glob: string }
  | { readonly code: 'isolation/cancelled'; readonly of: string; readonly keyword: string }
  | { readonly code: 'hold/expires'; readonly job: string; readonly found: string | undefined; readonly needed: number }
  | { readonly code: 'hold/not-kept'; readonly job: string }
  | { readonly code: 'hold/left-out'; readonly kind: string; readonly stage: string; readonly seal: string }
  | { readonly code: 'manual/two-clicks'; readonly kind: string; readonly job: string; readonly needs: string }
  | { readonly code: 'manual/optional-need'; readonly kind: string; readonly job: string; readonly needs: string }
  | { readonly code: 'manual/unsaid'; readonly job: string; readonly default: boolean }
  | { readonly code: 'manual/trigger'; readonly job: string }
  | { readonly code: 'kinds/hidden'; readonly kind: string }
  | { readonly code: 'structure/resource-group'; readonly job: string; readonly group: string }
  | { readonly code: 'structure/deployment-tier'; readonly job: string; readonly tier: string; readonly tiers: readonly string[] }
  | {
      readonly code: 'child/not-started'
      readonly job: string
      readonly file: string
      readonly others: readonly string[]
      readonly builds: readonly string[]
      readonly rule: string
      readonly stage: string
    }
  | { readonly code: 'child/started-twice'; readonly job: string; readonly file: string; readonly second?: string }
  | { readonly code: 'child/unsaid'; readonly job: string; readonly file: string }
  | { readonly code: 'child/merged'; readonly job: string; readonly file: string; readonly other: string }
  | { readonly code: 'child/parent-id'; readonly job: string; readonly found: string | undefined }
  | {
      readonly code: 'child/forwards'
      readonly job: string
      readonly variable: string
      readonly because: 'outranks' | 'gitlab' | 'hostile'
    }
  | { readonly code: 'child/forwards-all'; readonly job: string }
  | { readonly code: 'child/never-started'; readonly job: string; readonly kind: string }
  | { readonly code: 'child/source'; readonly kind: string }
  | { readonly code: 'child/no-kind'; readonly job: string; readonly file: string; readonly rule: string }
  | { readonly code: 'child/cancelled'; readonly job: string; readonly by: 'on_job_failure' | 'on_new_commit' }
  | { readonly code: 'child/no-build'; readonly job: string; readonly build: string; readonly copies: readonly string[] }
  | { readonly code: 'child/build-late'; readonly job: string; readonly build: string; readonly kind: string; readonly because: Weakness }
  | { readonly code: 'child/no-artifacts'; readonly job: string; readonly build: string }
  | {
      readonly code: 'child/build-expires'
      readonly job: string
      readonly build: string
      readonly found: string
      readonly needed: number
    }
  | { readonly code: 'child/image'; readonly target: string; readonly build: string }
  | { readonly code: 'child/same-lock'; readonly job: string; readonly other: string; readonly group: string }
  | { readonly code: 'child/too-deep'; readonly job: string }
  | { readonly code: 'accept/unused'; readonly accepted: string }
  | { readonly code: 'accept/subject'; readonly accepted: string }

export type Code = IssueFacts['code']

/** Why a job can start though a gate has not succeeded. */
export type Weakness =
  | { readonly is: 'not-needed'; readonly gate: string }
  | { readonly is: 'absent'; readonly gate: string }
  | { readonly is: 'optional-need'; readonly job: string; readonly needs: string }
  | { readonly is: 'may-fail'; readonly job: string }
  | { readonly is: 'accepts-failure'; readonly job: string; readonly when: string }
  | { readonly is: 'stage-order'; readonly job: string }
  | { readonly is: 'some-rules'; readonly job: string; readonly needs: string }

/** Why the gate is open. */
export type GateReason =
  | Weakness
  | { readonly is: 'automatic'; readonly when: string }
  | { readonly is: 'not-blocking' }
  | { readonly is: 'early-click'; readonly job: string }
  | { readonly is: 'no-strategy' | 'empty-child'; readonly job: string }
  | { readonly is: 'redefined'; readonly variable: string }
  | { readonly is: 'unprotected'; readonly rule: string | undefined }
  | { readonly is: 'foreign-kind' }

/** Why a job can write to a public repository. */
export type Reach =
  | { readonly by: 'release' }
  | { readonly by: 'declared' | 'used'; readonly variable: string; readonly repository: string }
  | { readonly by: 'id-token' | 'vault'; readonly from: string; readonly variable: string; readonly repository: string }
  | { readonly by: 'environment'; readonly environment: string }

/** A problem that a construct of your own reports. Its code begins with `custom/`. */
export interface CustomFacts {
  readonly code: `custom/${string}`
  /** The problem, as one sentence without a full stop. */
  readonly sentence: string
  /** The change to make. */
  readonly help: string
  /** Warnings can be accepted with a reason. @default error */
  readonly severity?: 'error' | 'warning' | undefined
}

/** A problem that a check found in the document. `job` is `undefined` for the pipeline itself. */
export interface Found {
  readonly job: string | undefined
  readonly facts: IssueFacts
  /** Where it is, if not at the job's own line. */
  readonly source?: SourceLocation | undefined
}

/** A problem of a construct. */
export interface Recorded {
  readonly at: { readonly path: string; readonly source?: SourceLocation | undefined }
  readonly facts: IssueFacts | CustomFacts
}
