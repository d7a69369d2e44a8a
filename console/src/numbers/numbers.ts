import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { useLiveEvents } from '../live/Live.tsx';
import { useOrganizationId } from '../session/caller.ts';

export type WhatsappNumber = Schemas['InstanceResponse'];

const MAX_PAGES = 20;
/** Beside events: linking has states in between that no event tells of. */
const LOOK_AGAIN_MS = 20_000;
const TELLING = ['whatsapp:connected', 'whatsapp:disconnected', 'whatsapp:restricted'];

/** All numbers of the organization, the newest first. */
export const numbersQuery = (organizationId: string) =>
  queryOptions({
    queryKey: [organizationId, 'numbers'],
    queryFn: () => listNumbers(organizationId),
  });

/** All numbers, as they are now. */
export function useNumbers() {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  useLiveEvents(({ name }) => {
    if (TELLING.includes(name)) {
      void queries.invalidateQueries({ queryKey: [organizationId, 'numbers'] });
    }
  });
  return useQuery({ ...numbersQuery(organizationId), refetchInterval: LOOK_AGAIN_MS });
}

async function listNumbers(organizationId: string): Promise<WhatsappNumber[]> {
  const found: WhatsappNumber[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { organization_id: organizationId, limit: 100, ...(cursor !== undefined && { cursor }) };
    const answer = await answerOf(api.GET('/api/whatsapp/instances', { params: { query } }));
    found.push(...answer.instances);
    if (answer.next_cursor === null) {
      break;
    }
    cursor = answer.next_cursor;
  }
  return found;
}

/** Has the list of numbers read again after something was done to one of them. */
export function useNumberChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => queries.invalidateQueries({ queryKey: [organizationId, 'numbers'] }),
  });
}

export function useCreateNumber() {
  const organizationId = useOrganizationId();
  return useNumberChange(
    async ({ name, phoneNumber }: { name: string; phoneNumber: string | undefined }) =>
      (
        await answerOf(
          api.POST('/api/whatsapp/instances', {
            body: {
              organization_id: organizationId,
              instance_name: name,
              ...(phoneNumber !== undefined && { phone_number: phoneNumber }),
            },
          }),
        )
      ).instance,
  );
}
