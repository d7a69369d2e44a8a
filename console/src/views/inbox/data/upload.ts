import { authorized } from './authorized.ts';

/**
 * Brings a file to the service, for a message to be sent with it.
 * @param onProgress told how much of it is there, of 1
 * @returns its id
 * @throws ApiError where the service refused it, or did not answer
 */
export async function uploadFile(
  organizationId: string,
  file: Blob,
  name: string,
  onProgress: (part: number) => void,
): Promise<string> {
  const path = `api/media?organization_id=${encodeURIComponent(organizationId)}`;
  const answer = await authorized(path, (url, headers) => post(url, headers, file, name, onProgress));
  const { media } = (await answer.body()) as { media: { id: string } };
  return media.id;
}

/** `fetch` does not say how much was sent. */
function post(
  url: URL,
  headers: Record<string, string>,
  file: Blob,
  name: string,
  onProgress: (part: number) => void,
): Promise<{ status: number; body: () => Promise<unknown> }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () =>
      resolve({ status: request.status, body: async () => JSON.parse(request.responseText) as unknown });
    request.onerror = () => reject(new Error('the service did not answer'));
    for (const [header, value] of Object.entries(headers)) {
      request.setRequestHeader(header, value);
    }
    const form = new FormData();
    form.append('file', file, name);
    request.send(form);
  });
}
