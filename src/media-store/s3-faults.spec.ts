import { expect, it } from 'vitest';
import { isMissingInS3, s3Fault } from './s3-faults.js';

const PLACE = { bucket: 'media', endpoint: 'https://s3.example.com', region: 'eu-west-1' };

function answer(httpStatusCode: number, name: string): Error {
  return Object.assign(new Error('said so'), { name, $metadata: { httpStatusCode } });
}

it.each([
  [answer(404, 'NoSuchBucket'), false, /^There is no bucket media at the store at https:.*MEDIA_S3_BUCKET/],
  [answer(403, 'InvalidAccessKeyId'), false, /does not know MEDIA_S3_ACCESS_KEY_ID/],
  [answer(403, 'SignatureDoesNotMatch'), false, /^MEDIA_S3_SECRET_ACCESS_KEY is not the secret/],
  [answer(403, 'AccessDenied'), false, /may not use the bucket media.*s3:ListBucket/],
  [answer(403, 'Unknown'), false, /may not use the bucket media/],
  [answer(301, 'PermanentRedirect'), false, /not in the region eu-west-1: set MEDIA_S3_REGION/],
  [answer(400, 'AuthorizationHeaderMalformed'), false, /not in the region eu-west-1/],
  [answer(403, 'RequestTimeTooSkewed'), false, /clock/],
  [answer(400, 'InvalidRequest'), false, /answered 400 \(InvalidRequest: said so\)/],
  [answer(503, 'SlowDown'), true, /answered 503/],
  [answer(429, 'TooManyRequests'), true, /answered 429/],
  [answer(500, 'InternalError'), true, /answered 500/],
  [new Error('connect ECONNREFUSED'), true, /can not be reached \(connect ECONNREFUSED\).*MEDIA_S3_ENDPOINT/],
])('knows what %o means, and whether it passes', (error, passes, sentence) => {
  const fault = s3Fault(error, PLACE);

  expect(fault.sentence).toMatch(sentence);
  expect(fault.passes).toBe(passes);
});

it('names Amazon where there is no other address', () => {
  const { sentence } = s3Fault(answer(404, 'NoSuchBucket'), { ...PLACE, endpoint: undefined });

  expect(sentence).toMatch(/^There is no bucket media at Amazon S3: create it/);
});

it.each([
  [answer(404, 'NoSuchKey'), true],
  [answer(404, 'NotFound'), true],
  [answer(404, 'NoSuchBucket'), false],
  [answer(403, 'AccessDenied'), false],
  [new Error('connect ECONNREFUSED'), false],
])('knows by %o whether a file is missing', (error, isMissing) => {
  expect(isMissingInS3(error)).toBe(isMissing);
});
