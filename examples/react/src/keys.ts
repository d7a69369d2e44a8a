/** Names of what is kept by TanStack Query. */
export const KEYS = {
  all: ['auzap'],
  conversations: ['auzap', 'conversations'],
  messages: (contactId: string) => ['auzap', 'messages', contactId],
} as const;
