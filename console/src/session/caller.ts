import { useQuery } from '@tanstack/react-query';
import { createContext, useContext, useSyncExternalStore } from 'react';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { type Credentials, session } from './session.ts';

export type Permission = 'read' | 'send' | 'manage';
export type Organization = { id: string; name: string };

/** What anybody may know of the service before signing in. */
export function useConsoleFacts() {
  return useQuery({
    queryKey: ['console'],
    queryFn: async () => answerOf(api.GET('/api/console')),
    staleTime: Infinity,
    retry: true,
    retryDelay: 2_000,
  });
}

export function useCredentials(): Credentials {
  return useSyncExternalStore(session.subscribe, session.snapshot);
}

/** Who is signed in, where, and what that allows there. */
export interface Caller {
  me: Schemas['MeResponse'];
  organizations: readonly Organization[];
  /** The one that the page is about; undefined where there is none. */
  organization: Organization | undefined;
  choose: (organizationId: string) => void;
  /** Whether the caller may do that in the organization. */
  may: (permission: Permission | 'admin') => boolean;
  hasSimulator: boolean;
  version: string;
}

export const CallerContext = createContext<Caller | undefined>(undefined);

/** @throws Error outside of the signed-in part of the page */
export function useCaller(): Caller {
  const caller = useContext(CallerContext);
  if (caller === undefined) {
    throw new Error('nobody is signed in');
  }
  return caller;
}

/** The organization that the page is about. @throws Error where there is none */
export function useOrganizationId(): string {
  const { organization } = useCaller();
  if (organization === undefined) {
    throw new Error('there is no organization');
  }
  return organization.id;
}
