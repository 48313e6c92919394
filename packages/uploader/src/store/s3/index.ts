export { type Bucket, encodeKey, pathIn, type Style } from './bucket.js'
export { type S3Limits, s3Limits } from './in-parts.js'
export {
  type GoogleKeys,
  type GoogleOpening,
  type OpenedBucketStore,
  openGoogle,
  openS3,
  probePath,
  type S3Keys,
  type S3Opening,
  type S3Ports,
} from './open.js'
export { WebIdentity } from './web-identity.js'
