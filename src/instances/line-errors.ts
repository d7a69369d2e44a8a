/** What calls may fail with that need the instance's line to WhatsApp. */
export const ON_A_LINE = [
  'instance_not_found',
  'instance_not_connected',
  'too_many_requests',
  'whatsapp_timeout',
  'instance_not_responding',
  'instance_busy',
] as const;
