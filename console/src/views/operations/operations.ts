import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '../../api/client.ts';
import { usePages } from '../../api/pages.ts';

export type Minute = Schemas['MinuteResponse'];
export type ServiceNode = Schemas['NodeResponse'];
export type Lease = Schemas['LeaseResponse'];
export type DeadMessage = Schemas['DeadMessageResponse'];
export type AuditEntry = Schemas['AuditEntryResponse'];

/** What is about the whole service belongs to no organization. */
export const KEY = 'operations';
/** Nothing tells that it changed. */
const LOOK_AGAIN_MS = 10_000;
const PAGE = 50;

export const useQueues = () =>
  useQuery({
    queryKey: [KEY, 'queues'],
    queryFn: () => answerOf(api.GET('/api/admin/queue-stats')),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const useThroughput = (minutes: number) =>
  useQuery({
    queryKey: [KEY, 'throughput', minutes],
    queryFn: () => answerOf(api.GET('/api/admin/throughput', { params: { query: { minutes } } })),
    refetchInterval: LOOK_AGAIN_MS,
    placeholderData: keepPreviousData,
  });

export const useNodes = () =>
  useQuery({
    queryKey: [KEY, 'nodes'],
    queryFn: async () => (await answerOf(api.GET('/api/admin/nodes'))).nodes,
    refetchInterval: LOOK_AGAIN_MS,
  });

export const useLeases = () =>
  usePages([KEY, 'leases'], async (cursor) => {
    const query = { limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const answer = await answerOf(api.GET('/api/admin/leases', { params: { query } }));
    return { rows: answer.leases, next: answer.next_cursor };
  });

export const useDeadMessages = () =>
  usePages([KEY, 'dead'], async (cursor) => {
    const query = { limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const answer = await answerOf(api.GET('/api/admin/inbox/dead', { params: { query } }));
    return { rows: answer.dead, next: answer.next_cursor };
  });

/** What to look for in the audit log; what is empty is left out. */
export interface AuditFilter {
  organization_id: string;
  actor_id: string;
  action: string;
  object_id: string;
  outcome: '' | AuditEntry['outcome'];
  from: string;
  to: string;
}

export const useAudit = (filter: AuditFilter) =>
  usePages([KEY, 'audit', filter], async (cursor) => {
    const { outcome, from, to, ...words } = filter;
    const given = Object.entries(words).filter(([, value]) => value !== '');
    const query = {
      limit: PAGE,
      ...(Object.fromEntries(given) as Partial<typeof words>),
      ...(outcome !== '' && { outcome }),
      ...(from !== '' && { from: new Date(from).toISOString() }),
      ...(to !== '' && { to: new Date(to).toISOString() }),
      ...(cursor !== undefined && { cursor }),
    };
    const answer = await answerOf(api.GET('/api/admin/audit', { params: { query } }));
    return { rows: answer.entries, next: answer.next_cursor };
  });
