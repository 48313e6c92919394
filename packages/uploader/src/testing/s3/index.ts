export type { S3Conditions, S3Object } from './objects.js'
export type { S3Options } from './options.js'
export type { S3Account } from './signature.js'
export { type S3Server, startS3 } from './start.js'
