import {
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { together } from '../api/together.ts';
import { readableNumber } from '../i18n/formats.ts';
import { useLiveEvents } from '../live/Live.tsx';
import { useOrganizationId } from '../session/caller.ts';

export type Contact = Schemas['ContactResponse'];
export type ContactMerge = Schemas['ContactMergeResponse'];
export type ContactSort = 'name' | '-created_at';

const PAGE = 100;

/**
 * @param unnamed what somebody is called whose name nobody knows
 * @returns what a contact is called: its name, else its number
 */
export function contactName(
  { name, name_source: source, phone_number: phone }: Pick<Contact, 'name' | 'name_source' | 'phone_number'>,
  unnamed: string,
): string {
  if (source !== 'unknown') {
    return name;
  }
  return phone === null ? unnamed : readableNumber(phone);
}

/** One contact, with what was joined with it. */
export const contactQuery = (organizationId: string, id: string) =>
  queryOptions({
    queryKey: [organizationId, 'contacts', 'one', id],
    queryFn: async () => {
      const params = { path: { id }, query: { organization_id: organizationId } };
      const { contact, merges } = await answerOf(api.GET('/api/contacts/{id}', { params }));
      return { contact, merges };
    },
  });

export function useContact(id: string) {
  return useQuery(contactQuery(useOrganizationId(), id));
}

const readListed = together(async (organizationId, ids) => {
  const query = { organization_id: organizationId, ids: ids.join(), limit: ids.length };
  return (await answerOf(api.GET('/api/contacts', { params: { query } }))).contacts;
});

/** @returns who it is that something in a list is about; all of them are read together. Undefined until it is known */
export function useListedContact(id: string): Contact | undefined {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  return useQuery({
    queryKey: [organizationId, 'contacts', 'listed', id],
    enabled: id !== '',
    queryFn: async () =>
      // Joined with another one meanwhile, it has another id.
      (await readListed(organizationId, id)) ??
      (await queries.fetchQuery(contactQuery(organizationId, id))).contact,
  }).data;
}

/** Keeps what is shown of contacts as it is, while the component is shown. */
export function useLiveContacts(): void {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  useLiveEvents(({ name, payload }) => {
    // That somebody read what a contact wrote changes nothing of the contact.
    if (name !== 'whatsapp:contact' || payload['change'] === 'read') {
      return;
    }
    const isOne = payload['change'] === 'renamed';
    for (const part of isOne ? [['one', payload.contactId], ['listed', payload.contactId], ['list']] : [[]]) {
      void queries.invalidateQueries({ queryKey: [organizationId, 'contacts', ...part] });
    }
  });
}

/** Contacts with these words in their name or number, page by page. */
export function useContactSearch(search: string, sort: ContactSort) {
  const organizationId = useOrganizationId();
  const queryKey = [organizationId, 'contacts', 'list', search, sort];
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam: cursor }) => {
      const query = {
        organization_id: organizationId,
        limit: PAGE,
        sort,
        ...(search !== '' && { search }),
        ...(cursor !== undefined && { cursor }),
      };
      return answerOf(api.GET('/api/contacts', { params: { query } }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}
