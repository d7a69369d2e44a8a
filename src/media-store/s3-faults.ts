import { messageOf } from '../common/error-message.js';
import type { StartFault } from '../common/start-wait.js';
import type { S3Config } from '../config/media-config.js';

/** As the SDK's errors are: `name` is the store's code for it, without `$metadata.httpStatusCode` there was no answer. */
interface S3Error {
  name?: string;
  $metadata?: { httpStatusCode?: number };
}

type Place = Pick<S3Config, 'bucket' | 'endpoint' | 'region'>;

/** What a store says, and what to do about it. */
const SENTENCES: Readonly<Record<string, (place: Place) => string>> = {
  NoSuchBucket: ({ bucket, endpoint }) =>
    `There is no bucket ${bucket} at ${nameOf(endpoint)}: create it, for nobody else and not public, or set MEDIA_S3_BUCKET to the one that is there.`,
  InvalidAccessKeyId: ({ endpoint }) =>
    `${nameOf(endpoint)} does not know MEDIA_S3_ACCESS_KEY_ID: set it, and MEDIA_S3_SECRET_ACCESS_KEY, to a key that is there.`,
  SignatureDoesNotMatch: () =>
    'MEDIA_S3_SECRET_ACCESS_KEY is not the secret of MEDIA_S3_ACCESS_KEY_ID: copy both once more.',
  AccessDenied: ({ bucket }) =>
    `MEDIA_S3_ACCESS_KEY_ID may not use the bucket ${bucket}, or does not exist: allow it s3:ListBucket there, and s3:PutObject, s3:GetObject and s3:DeleteObject of what is in it.`,
  RequestTimeTooSkewed: () =>
    'The clock of this machine is wrong: set it, for S3 takes no calls of other times.',
  PermanentRedirect: ({ bucket, region }) =>
    `The bucket ${bucket} is not in the region ${region}: set MEDIA_S3_REGION to its region, and MEDIA_S3_ENDPOINT to that region's address or to none.`,
  AuthorizationHeaderMalformed: ({ bucket, region }) =>
    `The bucket ${bucket} is not in the region ${region}: set MEDIA_S3_REGION to its region.`,
};
/** Where an answer has no words, as to a call whose answer has no body. */
const CODES: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  403: 'AccessDenied',
};

/** @returns whether the store answered that there is no such file */
export function isMissingInS3(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes((error as S3Error).name ?? '');
}

/** @returns what a failed call means, and whether that passes by itself */
export function s3Fault(error: unknown, place: Place): StartFault {
  const { name = '', $metadata } = error as S3Error;
  const status = $metadata?.httpStatusCode;
  if (status === undefined) {
    const sentence = `${nameOf(place.endpoint)} can not be reached (${messageOf(error)}): look at MEDIA_S3_ENDPOINT and MEDIA_S3_REGION, and at the network.`;
    return { sentence, passes: true };
  }
  const sentence = SENTENCES[name] ?? SENTENCES[CODES[status] ?? ''];
  if (sentence) {
    return { sentence: sentence(place), passes: false };
  }
  return {
    sentence: `${nameOf(place.endpoint)} answered ${status} (${name}: ${messageOf(error)}): look at what its operator says about that.`,
    passes: status >= 500 || status === 429,
  };
}

function nameOf(endpoint: string | undefined): string {
  return endpoint === undefined ? 'Amazon S3' : `the store at ${endpoint}`;
}
