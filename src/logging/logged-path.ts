import { isUuid } from '../common/uuid.js';

/** A word of a route, or an id that is shorter than any token. */
const PLAIN = /^[\w.-]{1,23}$/;
/** Shorter than any phone number. */
const NUMBER = /\d{7,}/;

/**
 * The path of a request as a log may show it: without the query, which holds names and phone numbers, and without segments
 * that a caller could have put anything into.
 * @param url as it came
 */
export function loggedPath(url: string): string {
  return url.split('?', 1)[0]!.split('/').map(loggedSegment).join('/');
}

function loggedSegment(segment: string): string {
  const isHarmless = segment === '' || isUuid(segment) || (PLAIN.test(segment) && !NUMBER.test(segment));
  return isHarmless ? segment : '[hidden]';
}
