/** What callers get to read when the database refuses what breaks a rule (SQLSTATE `AZ410`), or is not the caller's to give (`AZ403`), by the code that it gives. */
const RULE_SENTENCES: Readonly<Record<string, string>> = {
  last_owner: 'The organization would have no owner: make another member one first, or ask an administrator.',
  api_key_in_use:
    'A key does not end itself: use another one, or rotate it with an overlap and end it with the new one. Keys that it made, or whose maker goes, may be kept with keys=keep.',
  scope_not_held: 'A key may do nothing that whoever makes it may not.',
  expiry_not_held:
    'Nothing that a key with an end makes outlives it: a key ends no later, and a member needs a maker without an end.',
  invitation_declined: 'The user declined, and can be asked again once that invitation expires.',
  too_many_invitations:
    'The organization has 100 invitations already, which is the most that it may have: withdraw some.',
  user_has_too_many_invitations:
    'The user has 20 invitations to answer already, which is the most that there may be.',
  logout_pending:
    'The device of this deleted instance is still being logged out of WhatsApp: connect can restore the instance once that is over. GET /api/whatsapp/instances/:id/logout says how far it is.',
  too_many_api_keys: 'The organization has 100 API keys already, which is the most that it may have.',
  too_many_pairings:
    'The organization links as many phones at the same time as it may (PAIRINGS_PER_ORGANIZATION): scan or type what is shown, or wait until it expires.',
  too_many_members: 'The organization has 1000 members already, which is the most that it may have.',
  too_many_instances: 'The organization has 1000 instances already, which is the most that it may have.',
};

/**
 * @param code of a rule
 * @returns its sentence; a general one for a code that only a newer database knows
 */
export function ruleSentence(code: string): string {
  return RULE_SENTENCES[code] ?? 'This would break a rule of the organization.';
}
