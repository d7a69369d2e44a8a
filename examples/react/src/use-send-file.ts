import type { Contact } from '@auzap/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { addressOf } from './address-of.js';
import { useAuzap } from './auzap-context.js';
import { KEYS } from './keys.js';

/** @returns sends a file to a contact, and how much of it has left meanwhile (0 to 1) */
export function useSendFile(instanceId: string, contact: Contact) {
  const client = useAuzap();
  const queries = useQueryClient();
  const [progress, setProgress] = useState(0);
  const sending = useMutation({
    mutationFn: async (file: File) => {
      const onProgress = (sent: number, total = file.size) => setProgress(sent / total);
      const media = await client.media.upload(file, { onProgress });
      return client.messages.send(instanceId, {
        to: addressOf(contact),
        type: 'document',
        media: { id: media.id },
        file_name: file.name,
      });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS.messages(contact.id) }),
  });
  return { ...sending, progress };
}
