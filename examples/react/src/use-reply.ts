import type { Contact } from '@auzap/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { addressOf } from './address-of.js';
import { useAuzap } from './auzap-context.js';
import { KEYS } from './keys.js';

/** @returns sends a text to a contact, through the number that it wrote to */
export function useReply(instanceId: string, contact: Contact) {
  const client = useAuzap();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (message: string) => client.messages.send(instanceId, { to: addressOf(contact), message }),
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS.messages(contact.id) }),
  });
}
