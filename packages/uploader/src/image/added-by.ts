import { canonical, type Outcome, type Receipt, type Sha256 } from '@stagegate/schema'

type Place = Pick<Outcome, 'target' | 'destination' | 'coordinates'>

/**
 * The layers of an image that the release moved to a destination, according to all receipts of this manifest; all layers if no receipt says
 * that the whole image was there in the end.
 */
export function addedBy(receipts: readonly Receipt[], manifest: Sha256, place: Place): (digest: Sha256) => boolean {
  const outcomes = receipts
    .filter((receipt) => receipt.manifest === manifest)
    .flatMap((receipt) => receipt.outcomes)
    .filter((outcome) => keyOf(outcome) === keyOf(place))
  const tells = ({ verdict, image }: Outcome) => (verdict === 'published' || verdict === 'already-public') && image?.added !== undefined
  if (!outcomes.some(tells)) return () => true
  const added = new Set(outcomes.flatMap(({ image }) => image?.added ?? []))
  return (digest) => added.has(digest)
}

function keyOf({ target, destination, coordinates }: Place): string {
  return canonical({ target, destination, coordinates })
}
