import { expect, it } from 'vitest';
import { MediaStoreFault } from './media-store-fault.js';
import {
  isDuplicate,
  isMissingBucket,
  isMissingObject,
  StorageAnswerError,
  storageFault,
} from './supabase-faults.js';

const PLACE = { url: 'https://x.supabase.co', serviceRoleKey: 'key', bucket: 'auzap-media' };

/** As Storage answers: 400 for HTTP, and what it means in its words. */
function refusal(statusCode: string, error: string, message: string, httpStatus = 400): StorageAnswerError {
  return new StorageAnswerError(httpStatus, JSON.stringify({ statusCode, error, message }));
}

const NO_OBJECT = refusal('404', 'not_found', 'Object not found');
const NO_BUCKET = refusal('404', 'Bucket not found', 'Bucket not found');
const PAGE = new StorageAnswerError(404, '<html>Not found</html>');

it.each([
  [NO_OBJECT, { object: true, bucket: false, duplicate: false }],
  [NO_BUCKET, { object: false, bucket: true, duplicate: false }],
  [
    refusal('409', 'Duplicate', 'The resource already exists'),
    { object: false, bucket: false, duplicate: true },
  ],
  [PAGE, { object: false, bucket: false, duplicate: false }],
  [new Error('reset'), { object: false, bucket: false, duplicate: false }],
])('knows what is missing by %o', (error, { object, bucket, duplicate }) => {
  expect([isMissingObject(error), isMissingBucket(error), isDuplicate(error)]).toEqual([
    object,
    bucket,
    duplicate,
  ]);
});

it.each([
  [NO_BUCKET, false, /^There is no bucket auzap-media in Supabase Storage at https:/],
  [refusal('403', 'Unauthorized', 'Invalid Compact JWS'), false, /refuses SUPABASE_SERVICE_ROLE_KEY/],
  [new StorageAnswerError(401, '{"message":"Invalid API key"}'), false, /refuses SUPABASE_SERVICE_ROLE_KEY/],
  [refusal('400', 'InvalidKey', 'Invalid key: ä'), false, /answered 400 \(Invalid key: ä\)/],
  [refusal('429', 'too_many_connections', 'Too many'), true, /answered 429/],
  [new StorageAnswerError(503, '<html>upstream</html>'), true, /answered 503/],
  [PAGE, false, /answered 404 \(an answer 404 that is not one of Supabase Storage\)/],
  [new Error('ECONNREFUSED'), true, /can not be reached \(ECONNREFUSED\).*SUPABASE_URL/],
])('knows what %o means, and whether it passes', (error, passes, sentence) => {
  const fault = storageFault(error, PLACE);

  expect(fault).toBeInstanceOf(MediaStoreFault);
  expect((fault as MediaStoreFault).fault.sentence).toMatch(sentence);
  expect((fault as MediaStoreFault).fault.passes).toBe(passes);
});

it('blames the file, not the store, where it is too large', () => {
  const error = refusal('413', 'Payload too large', 'The object exceeded the maximum allowed size');

  expect(storageFault(error, PLACE)).toMatchObject({ code: 'media_too_large' });
});
