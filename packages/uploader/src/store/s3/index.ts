export { type Bucket, encodeKey, pathIn } from './bucket.js'
export { type GoogleKeys, type OpenedBucketStore, openGoogle, openS3, probePath, type S3Keys } from './open.js'
export { WebIdentity } from './web-identity.js'
