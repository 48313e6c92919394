import { describeCoordinates, type Finding } from '@stagegate/schema'
import { problemLines } from './outcome.js'

/** `sealed-bytes   acme/hello:1.2.3 in hub`, with the reason and the part of an image that was read below it. */
export function findingLines(finding: Finding): readonly string[] {
  const { found, coordinates, destination, by } = finding
  const head = `${found.padEnd(14)} ${describeCoordinates(coordinates)} in ${destination.repository}${by === undefined ? '' : `, by ${by} too`}`
  return [head, ...[...problemLines(finding), ...layerLines(finding)].map((line) => `  ${line}`)]
}

function layerLines({ layers }: Finding): readonly string[] {
  if (layers === undefined) return []
  const [before, failed] = (['there-before', 'unreadable'] as const).map((because) =>
    layers.unread.filter((one) => one.because === because),
  )
  const parts = [
    `${layers.read} layers were read`,
    ...(before?.length ? [`${before.length} were not read: by the receipts, they were already there`] : []),
    ...(failed?.length ? [`${failed.length} could not be read`] : []),
  ]
  return [`${parts.join('; ')}.`]
}
