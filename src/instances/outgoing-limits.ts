/** WhatsApp's own limits, as its applications have them: checked before anything leaves. Lengths are in characters. */
export const OUTGOING_LIMITS = {
  text: 65_536,
  caption: 1_024,
  fileName: 255,
  placeName: 1_024,
  pollQuestion: 255,
  pollOption: 100,
  pollOptions: { min: 2, max: 12 },
  contacts: 50,
  contactNumbers: 10,
  contactName: 256,
  mentions: 1_024,
  emoji: 32,
} as const;
