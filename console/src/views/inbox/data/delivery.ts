import { ApiError } from '../../../api/api-error.ts';
import { answerOf, api, type Schemas } from '../../../api/client.ts';
import type { Deliver, MessageDraft, NoteDraft } from './outbox-queue.ts';
import { uploadFile } from './upload.ts';

/** Of what was uploaded the id, so that another try sends the same. */
const uploads = new WeakMap<Blob, Promise<string>>();

/**
 * Brings a message, its file first, or a note to the service.
 * @returns the id of what it became
 * @throws ApiError as `answerOf`
 */
export const deliver: Deliver = (outgoing, onProgress) =>
  outgoing.kind === 'note' ? storeNote(outgoing) : sendMessage(outgoing, onProgress);

async function storeNote({ key, organizationId, contactId, text }: NoteDraft & { key: string }): Promise<string> {
  const params = { path: { id: contactId }, header: { 'Idempotency-Key': key } };
  const body = { organization_id: organizationId, text };
  return (await answerOf(api.POST('/api/contacts/{id}/notes', { params, body }))).note.id;
}

async function sendMessage(
  outgoing: MessageDraft & { key: string },
  onProgress: (part: number | undefined) => void,
): Promise<string> {
  const { key, instanceId, to, text, file, replyTo, organizationId } = outgoing;
  const body: Schemas['SendMessageDto'] = {
    to,
    ...(replyTo && { reply_to: replyTo.id }),
    ...(file === undefined
      ? { message: text ?? '' }
      : {
          type: file.type,
          media: { id: await uploaded(organizationId, file, onProgress) },
          ...(text !== undefined && text !== '' && { caption: text }),
          ...(file.type === 'document' && { file_name: file.name.slice(0, 255) }),
        }),
  };
  const params = { path: { id: instanceId }, header: { 'Idempotency-Key': key } };
  try {
    return (await answerOf(api.POST('/api/whatsapp/instances/{id}/send', { params, body }))).message_id;
  } catch (error) {
    // The file may be what was refused, such as one that nobody sent in time: it goes again with the next try.
    if (file !== undefined && error instanceof ApiError && !error.isPassing) {
      uploads.delete(file.blob);
    }
    throw error;
  }
}

async function uploaded(
  organizationId: string,
  { blob, name }: NonNullable<MessageDraft['file']>,
  onProgress: (part: number | undefined) => void,
): Promise<string> {
  const known = uploads.get(blob);
  if (known !== undefined) {
    return known;
  }
  const upload = uploadFile(organizationId, blob, name, onProgress).finally(() => onProgress(undefined));
  uploads.set(blob, upload);
  upload.catch(() => uploads.delete(blob));
  return upload;
}
