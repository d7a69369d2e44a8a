import { answerOf, api } from '../../api/client.ts';

/** So much of the end of the file tells whether it is all there. */
const END_BYTES = 4_000;

/**
 * Reads the file with everything about a contact.
 * @param onProgress told how many bytes came so far
 * @returns the file; undefined where it broke off, which the counts at its end would tell
 * @throws ApiError where the service refused
 */
export async function exportContact(
  organizationId: string,
  id: string,
  onProgress: (bytes: number) => void,
): Promise<Blob | undefined> {
  const stream = (await answerOf(
    api.POST('/api/contacts/{id}/export', {
      params: { path: { id }, query: { organization_id: organizationId } },
      parseAs: 'stream',
    }),
  )) as unknown as ReadableStream<Uint8Array<ArrayBuffer>>;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const reader = stream.getReader();
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        break;
      }
      chunks.push(value);
      size += value.length;
      onProgress(size);
    }
  } catch {
    return undefined;
  }
  const file = new Blob(chunks, { type: 'application/json' });
  const end = await file.slice(Math.max(0, size - END_BYTES)).text();
  return /"counts"\s*:\s*\{[^{}]*\}\s*\}\s*$/.test(end) ? file : undefined;
}

/** Puts a file among the person's downloads. */
export function download(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has taken it up by then; for the page it would stay in memory.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
