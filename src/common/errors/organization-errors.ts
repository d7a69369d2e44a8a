import type { ErrorEntry } from './error-entry.js';

/** Of organizations, their members, invitations and keys. Most come from the database, where the rules are checked. */
export const ORGANIZATION_ERRORS = {
  organization_not_found: {
    status: 404,
    sentence: 'There is no organization with this id.',
    when: 'The id in the address is of no organization, or of one that the caller has nothing to do with.',
  },
  member_not_found: {
    status: 404,
    sentence: 'The user is not a member of this organization.',
    when: 'The user is no member, or not any more.',
  },
  invitation_not_found: {
    status: 404,
    sentence: 'There is no invitation with this id that waits for an answer.',
    when: 'The invitation was answered or withdrawn, is over, or is for another user.',
  },
  api_key_not_found: {
    status: 404,
    sentence: 'There is no API key with this id.',
    when: 'No key of the organization has this id.',
  },
  organization_exists: {
    status: 409,
    sentence: 'There is an organization with this id already.',
    when: 'The id is taken: choose another one.',
  },
  organization_closed: {
    status: 409,
    sentence: 'The organization is closed: it takes nothing new.',
    when: 'The organization was closed, which is for good.',
  },
  last_owner: {
    status: 409,
    sentence: 'The organization would have no owner: make another member one first, or ask an administrator.',
    when: 'The only owner was to go, or to have a lower role.',
  },
  api_key_in_use: {
    status: 409,
    sentence:
      'A key does not end itself: use another one, or rotate it with an overlap and end it with the new one. Keys that it made, or whose maker goes, may be kept with keys=keep.',
    when: 'The call would end the key that it is made with.',
  },
  api_key_not_usable: {
    status: 409,
    sentence: 'The key is revoked, past its end or rotated already.',
    when: 'A key that is over can not be rotated: make a new one.',
  },
  invitation_declined: {
    status: 409,
    sentence: 'The user declined, and can be asked again once that invitation expires.',
    when: 'The user was invited before and said no.',
  },
  too_many_members: {
    status: 409,
    sentence: 'The organization has 1000 members already, which is the most that it may have.',
    when: 'A member too many: remove some.',
  },
  too_many_invitations: {
    status: 409,
    sentence:
      'The organization has 100 invitations already, which is the most that it may have: withdraw some.',
    when: 'An invitation too many of the organization: withdraw some.',
  },
  user_has_too_many_invitations: {
    status: 409,
    sentence: 'The user has 20 invitations to answer already, which is the most that there may be.',
    when: 'An invitation too many for the user, of all organizations together: the user answers some.',
  },
  too_many_api_keys: {
    status: 409,
    sentence: 'The organization has 100 API keys already, which is the most that it may have.',
    when: 'A usable key too many: revoke some.',
  },
  too_many_instances: {
    status: 409,
    sentence: 'The organization has 1000 instances already, which is the most that it may have.',
    when: 'An instance too many: delete some.',
  },
  too_many_calendar_feeds: {
    status: 409,
    sentence: 'The organization has 20 calendar feeds already, which is the most that it may have.',
    when: 'A calendar feed too many: delete some.',
  },
  too_many_webhooks: {
    status: 409,
    sentence: 'The organization has 20 webhooks already, which is the most that it may have.',
    when: 'A webhook too many: delete some.',
  },
} as const satisfies Record<string, ErrorEntry>;
