import { S3Refusal } from '../s3/errors.js'

/** Google's errors have the form of those of S3 (https://docs.cloud.google.com/storage/docs/xml-api/reference-status). */
export const refusal = (status: number, code: string, message: string, details?: string) =>
  new S3Refusal(status, code, message, details === undefined ? {} : { Details: details })

export const accessDenied = (whose = 'The caller') =>
  refusal(403, 'AccessDenied', 'Access denied.', `${whose} does not have storage access to the Google Cloud Storage object.`)
export const noSuchKey = () => refusal(404, 'NoSuchKey', 'The specified key does not exist.')
export const preconditionFailed = () => refusal(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold.')
