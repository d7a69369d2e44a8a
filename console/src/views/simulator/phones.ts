import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { simulatedNetwork, type SimulatedPhone } from '../../simulator/simulated-network.ts';

/** Phones tell no events: what they show is read again this often while somebody looks. */
const LOOK_AGAIN_MS = 1_500;
/** The first part of all keys: the network is the same for each organization. */
const KEY = 'simulator';
/** Larger files are named, and not shown. */
const MAX_SHOWN_BYTES = 1_048_576;

export interface SimulatedGroup {
  id: string;
  subject: string;
  members: string[];
}

/** A message as the phone shows it (`src/simulator/phones/conversation.ts`). */
export interface PhoneMessage {
  id: string;
  from: string;
  fromMe: boolean;
  at: string;
  kind: string;
  text: string;
  isEdited: boolean;
  isDeleted: boolean;
  replyTo?: string;
  reactions: Record<string, string>;
  options: string[];
  votes: Record<string, string[]>;
  file?: { kind: string; mimetype?: string; fileName?: string; size: number };
  tick?: 'sent' | 'delivered' | 'read' | 'played';
}

export const usePhones = () =>
  useQuery({
    queryKey: [KEY, 'phones'],
    queryFn: async () => (await simulatedNetwork.get<{ phones: SimulatedPhone[] }>('/phones')).phones,
    refetchInterval: LOOK_AGAIN_MS,
  });

export const useGroups = () =>
  useQuery({
    queryKey: [KEY, 'groups'],
    queryFn: async () => (await simulatedNetwork.get<{ groups: SimulatedGroup[] }>('/groups')).groups,
    refetchInterval: LOOK_AGAIN_MS,
  });

/** The chats of a phone, the newest first. */
export const useChats = (number: string) =>
  useQuery({
    queryKey: [KEY, 'chats', number],
    queryFn: async () =>
      (await simulatedNetwork.get<{ chats: { chat: string; at: string }[] }>(`/phones/${number}/chats`))
        .chats,
    refetchInterval: LOOK_AGAIN_MS,
  });

export const useConversation = (number: string, chat: string) =>
  useQuery({
    queryKey: [KEY, 'chat', number, chat],
    queryFn: async () =>
      (
        await simulatedNetwork.get<{ messages: PhoneMessage[] }>(
          `/phones/${number}/chats/${encodeURIComponent(chat)}`,
        )
      ).messages,
    refetchInterval: LOOK_AGAIN_MS,
  });

/** The bytes of a file of the phone, as base64; null where they are too many to show. */
export const fileQuery = (number: string, id: string) =>
  queryOptions({
    queryKey: [KEY, 'file', number, id],
    queryFn: async () => {
      const path = `/phones/${number}/messages/${id}/file?max=${MAX_SHOWN_BYTES}`;
      return (await simulatedNetwork.get<{ base64?: string }>(path)).base64 ?? null;
    },
    staleTime: Infinity,
  });

/** Has all that phones show read again after one of them did something. */
export function usePhoneAction<Input, Output>(act: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => queries.invalidateQueries({ queryKey: [KEY] }),
  });
}

/** Has a phone write: a text, another content, or what changes a message. */
export function useWriting(number: string, chat: string) {
  return usePhoneAction((content: object) =>
    simulatedNetwork.post(`/phones/${number}/write`, { to: chat, content }),
  );
}
