import { randomId } from '../../../api/random-id.ts';

/** A file that goes with the next message. */
export interface Attachment {
  id: string;
  file: Blob;
  name: string;
  type: 'image' | 'video' | 'audio' | 'voice' | 'document';
}

/** @returns the files, each as the kind of message that phones can show it as */
export function attachmentsOf(files: readonly File[]): Attachment[] {
  return files.map((file) => ({ id: randomId(), file, name: file.name, type: typeOf(file.type) }));
}

function typeOf(mimeType: string): Attachment['type'] {
  if (/^image\/(jpeg|png)$/.test(mimeType)) {
    return 'image';
  }
  if (/^video\/(mp4|3gpp)$/.test(mimeType)) {
    return 'video';
  }
  return /^audio\/(mpeg|mp4|aac|amr|ogg|x-m4a)/.test(mimeType) ? 'audio' : 'document';
}
