import { deploymentVariables, type PlannedRemote, parseUrl } from '@stagegate/schema'
import { Duration } from '../duration.js'
import { checked, duration, type ReportProblem, text, textLike } from '../form/keyword.js'
import { authorKeys, either, fields } from '../form/keyword-forms.js'
import { credential } from '../form/props.js'
import { projectPath } from '../gitlab/names.js'
import { certificatesOf } from '../repository/index.js'
import type { Secret } from '../secret.js'

/** A pipeline of another GitLab instance. */
export interface RemoteProps {
  /** The instance: `https://ops.gitlab.example`. The tokens are sent nowhere else. */
  readonly url: string
  /** PEM text of the certificate authorities that are trusted for it, instead of the public ones. @default the public authorities */
  readonly ca?: string | undefined
  /** The project's path. */
  readonly project: string
  /** The branch or tag that the pipeline runs for. */
  readonly ref: string
  /** A pipeline trigger token of the project. */
  readonly trigger: Secret
  /**
   * A token of the project that may read its pipelines (`read_api`), since a trigger token cannot see the pipelines that it started. A
   * retried job recognizes its pipeline by the name, if the project sets `workflow: name: '$STAGEGATE_DEPLOYMENT_KEY'`, or by the
   * variables, which a maintainer's token may read. Otherwise a person must investigate.
   */
  readonly read: Secret
  /**
   * Variables for the pipeline, in addition to `STAGEGATE_VERSION`, `STAGEGATE_MANIFEST_DIGEST` and `STAGEGATE_DEPLOYMENT_KEY`. A value may
   * contain one of these: `'v$STAGEGATE_VERSION'`. `false` sends no variables at all, for a project that accepts only inputs; one of the
   * inputs should then be `'$STAGEGATE_DEPLOYMENT_KEY'`. @default only the three
   */
  readonly variables?: Readonly<Record<string, string>> | false | undefined
  /** Inputs for the pipeline (GitLab 17.11); a value may contain one of the three variables. @default none */
  readonly inputs?: Readonly<Record<string, string>> | undefined
  /** How long a job waits for the pipeline's end. It is then retried at most twice, and goes on waiting. @default 2 hours */
  readonly timeout?: Duration | undefined
}

const texts = authorKeys(text)
const nothing = checked<false>({ expected: 'variables, or false', fits: (value) => value === false }, Boolean)

const remote = fields<RemoteProps>(
  {
    url: checked({ expected: 'the address of an instance, such as https://ops.gitlab.example', fits: isInstance }, String),
    ca: checked({ expected: 'PEM text with certificates, and no private key', fits: isCertificates }, String),
    project: textLike(projectPath, 'the path of a project, such as acme/deployer'),
    ref: textLike(/^[^\s\p{Cc}~^:?*[\\]+$/u, 'the name of a branch or tag'),
    trigger: credential,
    read: credential,
    variables: either((value): value is false => typeof value === 'boolean', nothing, texts),
    inputs: texts,
    timeout: duration,
  },
  'url',
  'project',
  'ref',
  'trigger',
  'read',
)

/** Reports wrong values of an untyped program and wrong addresses. Returns whether all is right. */
export function isSoundRemote(props: RemoteProps, report: ReportProblem): boolean {
  let isSound = true
  remote.render(props, 'remote', (problem) => {
    isSound = false
    report(problem)
  })
  return isSound
}

/** Over plain http others could read the tokens. This machine is an exception, for tests and rehearsals. */
export function isInstance(value: unknown): boolean {
  const url = typeof value === 'string' ? parseUrl(value) : undefined
  if (url === undefined || url.username + url.password + url.search + url.hash !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname))
}

function isCertificates(value: unknown): boolean {
  try {
    return typeof value === 'string' && certificatesOf(value, 'ca') !== ''
  } catch {
    return false
  }
}

/** How long a job waits. */
export function waitOf(props: RemoteProps | undefined): Duration {
  return props?.timeout ?? Duration.hours(2)
}

export function plannedRemote(props: RemoteProps): PlannedRemote {
  const { url, ca, project, ref, trigger, read, variables = {}, inputs = {} } = props
  return {
    url,
    ...(ca !== undefined && { ca: certificatesOf(ca, 'ca') }),
    project,
    ref,
    trigger: trigger.variable,
    read: read.variable,
    variables:
      variables === false
        ? {}
        : { ...Object.fromEntries(Object.values(deploymentVariables).map((name) => [name, `$${name}`])), ...variables },
    inputs: { ...inputs },
    wait: waitOf(props).seconds,
  }
}
