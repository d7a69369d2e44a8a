import type { ErrorEntry } from './error-entry.js';

/** Who calls, what that allows, and how much of it at a time. */
export const ACCESS_ERRORS = {
  unauthorized: {
    status: 401,
    sentence: 'Send a valid token: Authorization: Bearer <token>.',
    when: 'No token came, or one that is wrong, revoked or past its end: get another one.',
  },
  sign_in_refused: {
    status: 401,
    sentence: 'Nobody was signed in: the e-mail address, the password or the token is not right.',
    when: 'The provider of users refused what was sent: mend it, or sign in anew where a refresh token was used before.',
  },
  sign_in_not_offered: {
    status: 404,
    sentence: 'This service signs no users in; use an API key.',
    when: 'No Supabase project is configured: set `SUPABASE_URL`, or `SUPABASE_JWKS_URL` and `SUPABASE_ANON_KEY`.',
  },
  sign_in_limited: {
    status: 429,
    retryAfterSeconds: 60,
    sentence: 'The provider of users wants to be asked less often. Try again later.',
    when: 'Supabase limits how often users sign in or are sent links: wait, or raise its limits.',
  },
  sign_in_unavailable: {
    status: 503,
    sentence: 'Users can not be signed in at the moment. Try again later.',
    when: 'Supabase Auth is away, does not answer in time, or takes the key of this service no more.',
  },
  permission_denied: {
    status: 403,
    sentence: 'The token does not allow this in this organization.',
    when: 'The token lacks the permission that the route asks for: use one that has it.',
  },
  organization_forbidden: {
    status: 403,
    sentence: 'The token does not allow this in this organization.',
    when: "`organization_id` names an organization that is not the caller's, whether it exists or not.",
  },
  no_membership: {
    status: 403,
    sentence:
      'The user is a member of no organization. An owner invites one: PUT /api/organizations/{id}/members/{user id}; the user accepts: POST /api/me/invitations/{id}/accept.',
    when: 'The token is of a user who has not accepted an invitation yet.',
  },
  access_undeclared: {
    status: 403,
    sentence: 'Nobody may call this route: it does not say who may.',
    when: 'A defect of the service, which does not start with such a route: report it.',
  },
  scope_not_held: {
    status: 403,
    sentence: 'A key may do nothing that whoever makes it may not.',
    when: 'The new key would have a scope that its maker lacks: ask for fewer, or call with a token that has them.',
  },
  expiry_not_held: {
    status: 403,
    sentence:
      'Nothing that a key with an end makes outlives it: a key ends no later, and a member needs a maker without an end.',
    when: 'The call was made with a key that ends: give an earlier `expires_at`, or call with a key without an end.',
  },
  role_not_held: {
    status: 403,
    sentence: 'Nobody gives a role that may do more than they may themselves.',
    when: 'The role may do more than the caller: give a lower one, or let an owner call.',
  },
  host_not_allowed: {
    status: 403,
    logLevel: 'debug',
    sentence: 'An open service answers to local names only; see AUTH_MODE.',
    when: 'A service without authentication was called by a name that is not local: set `AUTH_MODE=required`.',
  },
  origin_not_allowed: {
    status: 403,
    logLevel: 'debug',
    sentence: 'This web page may not call the service; see CORS_ORIGINS.',
    when: 'A web page of another origin calls: name it in `CORS_ORIGINS`.',
  },
  rate_limited: {
    status: 429,
    sentence: 'Too many calls; try again when Retry-After is over.',
    when: 'More calls a minute than the token, its organization or the address may make: wait for `Retry-After`.',
  },
  too_many_concurrent_requests: {
    status: 429,
    retryAfterSeconds: 1,
    sentence: 'As many requests are under way as may be: wait for answers before you send more.',
    when: 'More requests at a time than the caller may have: wait for answers, and read them to their end.',
  },
  signing_keys_unavailable: {
    status: 503,
    sentence: 'Tokens can not be checked at the moment: the signing keys can not be read. Try again later.',
    when: "The provider of users' tokens does not answer, and its keys were never read: look at `SUPABASE_JWKS_URL`.",
  },
} as const satisfies Record<string, ErrorEntry>;
