import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '../../api/client.ts';
import { usePages } from '../../api/pages.ts';
import { useOrganizationId } from '../../session/caller.ts';

export type Webhook = Schemas['WebhookResponse'];
export type Delivery = Schemas['DeliveryResponse'];
export type DeliveryStatus = Delivery['status'];
export type EventName = Webhook['events'][number];

/** Every event, also those that a later version knows. */
export const ALL_EVENTS = '*';
export const EVENT_NAMES = [
  'whatsapp:message',
  'whatsapp:message-sent',
  'whatsapp:message-status',
  'whatsapp:message-edited',
  'whatsapp:message-deleted',
  'whatsapp:message-updated',
  'whatsapp:reaction',
  'whatsapp:media',
  'whatsapp:note',
  'whatsapp:contact',
  'whatsapp:booking',
  'whatsapp:group-message',
  'whatsapp:group',
  'whatsapp:connected',
  'whatsapp:disconnected',
  'whatsapp:restricted',
] as const satisfies readonly EventName[];

const PAGE = 30;
/** Deliveries go on by themselves, and tell no event. */
const LOOK_AGAIN_MS = 5_000;

export function useWebhooks() {
  const organizationId = useOrganizationId();
  return usePages([organizationId, 'webhooks'], async (cursor) => {
    const query = {
      organization_id: organizationId,
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
    };
    const answer = await answerOf(api.GET('/api/webhooks', { params: { query } }));
    return { rows: answer.webhooks, next: answer.next_cursor };
  });
}

export function useWebhook(id: string) {
  const organizationId = useOrganizationId();
  return useQuery({
    queryKey: [organizationId, 'webhooks', id],
    queryFn: async () =>
      (await answerOf(api.GET('/api/webhooks/{id}', { params: { path: { id } } }))).webhook,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** What was sent to a webhook, the newest first. */
export function useDeliveries(id: string, status: DeliveryStatus | undefined) {
  const organizationId = useOrganizationId();
  return usePages([organizationId, 'webhooks', id, 'deliveries', status], async (cursor) => {
    const query = {
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
      ...(status !== undefined && { status }),
    };
    const answer = await answerOf(
      api.GET('/api/webhooks/{id}/deliveries', { params: { path: { id }, query } }),
    );
    return { rows: answer.deliveries, next: answer.next_cursor };
  });
}

/** Has the webhooks and their deliveries read again after something was done to one. */
export function useWebhookChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => queries.invalidateQueries({ queryKey: [organizationId, 'webhooks'] }),
  });
}
