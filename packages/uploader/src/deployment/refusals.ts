import { deploymentVariables, GateError, type Instant } from '@stagegate/schema'

/** Where a person can look, and how often a start was begun. */
interface Place {
  readonly deployment: string
  readonly starts: number
  /** The page with the other project's pipelines. */
  readonly address: string
}

/** A start whose result was not recorded. */
interface Begun {
  readonly by: string
  readonly since: Instant
  readonly key: string
  /** Pipelines that earlier notes name. */
  readonly named: readonly number[]
}

export function undecided({ by, since, key, named }: Begun, { deployment, starts, address }: Place): GateError {
  return new GateError({
    code: 'gate/deployment-undecided',
    where: `the deployment ${deployment}`,
    what: `${by} began to start a pipeline at ${since}, and it is unknown whether it was started`,
    next: [
      `Look at ${address} for a pipeline from that time with ${deploymentVariables.key} ${key}. This job starts nothing until a person decides:`,
      ...(named.length === 0 ? [] : [`Earlier notes name the pipeline ${named.join(', ')}. Check it first.`]),
      ...choices(deployment, starts),
      'If the project names its pipelines by that key, you can also start the pipeline there by hand with the key. Then run the job again: it finds that pipeline.',
    ].join('\n'),
  })
}

export function mismatch(what: string, { deployment, starts, address }: Place): GateError {
  return new GateError({
    code: 'gate/deployment-mismatch',
    where: `the deployment ${deployment}`,
    what,
    next: [
      'This job started nothing. Either somebody changed the notes, or the project does not name its pipelines by their key',
      `(workflow: name: '$${deploymentVariables.key}') and the reading token cannot read variables. Look at ${address}, then run one of:`,
      ...choices(deployment, starts),
    ].join('\n'),
  })
}

function choices(deployment: string, starts: number): readonly string[] {
  return [
    `  it exists:         stagegate deploy --deployment ${deployment} --resume ITS-NUMBER`,
    `  it does not exist: stagegate deploy --deployment ${deployment} --start-again ${starts + 1}`,
  ]
}
