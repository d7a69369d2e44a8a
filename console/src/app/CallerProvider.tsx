import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { answerOf, api, type Schemas } from '../api/client.ts';
import { type Caller, CallerContext, type Organization } from '../session/caller.ts';
import { session } from '../session/session.ts';
import { Failed, Loading } from '../ui/States.tsx';
import { store } from './store.ts';
import { WithoutOrganization } from './WithoutOrganization.tsx';

const KEY = 'auzap.organization';
/** Who administers more sees the first ones, and finds the others by the API. */
const MAX_PAGES = 10;

interface Props {
  hasSimulator: boolean;
  version: string;
  children: ReactNode;
}

/** Finds out who is signed in, and what that allows where. */
export function CallerProvider({ hasSimulator, version, children }: Props) {
  const queries = useQueryClient();
  const identity = useQuery({
    queryKey: ['me', session.id],
    queryFn: readIdentity,
    placeholderData: keepPreviousData,
  });
  const [chosen, setChosen] = useState(() => store.get(KEY, 'tab') ?? store.get(KEY));
  const choose = useCallback((id: string) => {
    store.set(KEY, id, 'tab');
    store.set(KEY, id);
    setChosen(id);
  }, []);
  // What one caller read is none of the next one's business.
  useEffect(() => () => queries.clear(), [queries]);

  const caller = useMemo<Caller | undefined>(() => {
    if (identity.data === undefined) {
      return undefined;
    }
    const { me, organizations } = identity.data;
    const organization = organizations.find(({ id }) => id === chosen) ?? organizations[0];
    const held = me.organizations?.find(({ id }) => id === organization?.id)?.permissions ?? [];
    return {
      me,
      organizations,
      organization,
      choose,
      may: (permission) => me.is_administrator || (permission !== 'admin' && held.includes(permission)),
      hasSimulator,
      version,
    };
  }, [identity.data, chosen, choose, hasSimulator, version]);

  if (identity.isError && caller === undefined) {
    return <Failed error={identity.error} onRetry={() => void identity.refetch()} />;
  }
  if (caller === undefined) {
    return <Loading />;
  }
  return (
    <CallerContext value={caller}>
      {caller.organization === undefined && !caller.may('admin') ? <WithoutOrganization /> : children}
    </CallerContext>
  );
}

async function readIdentity(): Promise<{ me: Schemas['MeResponse']; organizations: Organization[] }> {
  const { me } = await answerOf(api.GET('/api/me'));
  const mine = me.organizations;
  const mayList = mine === null || mine.some(({ permissions }) => permissions.includes('read'));
  const listed = mayList ? await listOrganizations() : [];
  const names = new Map(listed.map(({ id, name }) => [id, name]));
  return {
    me,
    organizations: mine === null ? listed : mine.map(({ id }) => ({ id, name: names.get(id) ?? id })),
  };
}

async function listOrganizations(): Promise<Organization[]> {
  const found: Organization[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { limit: 100, ...(cursor !== undefined && { cursor }) };
    const answer = await answerOf(api.GET('/api/organizations', { params: { query } }));
    found.push(...answer.organizations.filter(({ closed_at }) => closed_at === null));
    if (answer.next_cursor === null) {
      break;
    }
    cursor = answer.next_cursor;
  }
  return found;
}
