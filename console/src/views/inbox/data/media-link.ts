import { answerOf, api } from '../../../api/client.ts';
import { BASE } from '../../../app/base.ts';

/**
 * @param id of a message or a note
 * @returns an address of its file for what can send no token, such as `<video>`: good for an hour
 * @throws ApiError as `answerOf`
 */
export async function mediaLink(id: string): Promise<string> {
  const { link } = await answerOf(api.POST('/api/messages/{id}/media/link', { params: { path: { id } } }));
  return new URL(link.url.replace(/^\//, ''), BASE).href;
}
