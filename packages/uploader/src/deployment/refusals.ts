import { deploymentVariables, GateError, type Instant } from '@stagegate/schema'

/** Where a person looks, and how often it was begun. */
interface Place {
  readonly deployment: string
  readonly starts: number
  /** The page with the other project's pipelines. */
  readonly address: string
}

/** A start whose end nobody has written down. */
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
    what: `${by} began to start a pipeline at ${since}, and nothing says whether it was started`,
    next: [
      `Look at ${address} for one that began then, with ${deploymentVariables.key} ${key}. Nothing is started before a person has said so:`,
      ...(named.length === 0 ? [] : [`Earlier notes name the pipeline ${named.join(', ')}: look at it first.`]),
      ...choices(deployment, starts),
      'Where the project names its pipelines by that key, start it there by hand with it instead, and run the job again: it is found.',
    ].join('\n'),
  })
}

export function mismatch(what: string, { deployment, starts, address }: Place): GateError {
  return new GateError({
    code: 'gate/deployment-mismatch',
    where: `the deployment ${deployment}`,
    what,
    next: [
      'This job has started nothing. Somebody has altered the notes, unless the project does not name its pipelines by their key',
      `(workflow: name: '$${deploymentVariables.key}') and the token that reads may not read variables. Look at ${address}, and say what is true:`,
      ...choices(deployment, starts),
    ].join('\n'),
  })
}

function choices(deployment: string, starts: number): readonly string[] {
  return [
    `  it is there: stagegate deploy --deployment ${deployment} --resume ITS-NUMBER`,
    `  it is not:   stagegate deploy --deployment ${deployment} --start-again ${starts + 1}`,
  ]
}
