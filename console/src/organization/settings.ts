import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Schemas } from '../api/client.ts';
import { type Versioned, versionedAnswerOf } from '../api/versions.ts';
import { useOrganizationId } from '../session/caller.ts';

export type Settings = Schemas['SettingsResponse'];
export type SettingsChange = Schemas['UpdateSettingsDto'];
export type Service = Schemas['ServiceFields'];
type VersionedSettings = Versioned<Schemas['SettingsAnswer']>;

const keyOf = (organizationId: string) => [organizationId, 'settings'];

export const settingsQuery = (organizationId: string) =>
  queryOptions({
    queryKey: keyOf(organizationId),
    queryFn: () =>
      versionedAnswerOf(
        api.GET('/api/organizations/{id}/settings', { params: { path: { id: organizationId } } }),
      ),
  });

/** What the organization decides for itself, with the version of it. */
export function useSettings() {
  return useQuery(settingsQuery(useOrganizationId()));
}

/** What people book. @returns nothing while it is read */
export function useServices(): readonly Service[] {
  return useSettings().data?.answer.settings.services ?? [];
}

/** Changes some of the settings, where nobody else did since `version`. */
export function useChangeSettings() {
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({
      change,
      version,
    }: {
      change: SettingsChange;
      version: string;
    }): Promise<VersionedSettings> =>
      versionedAnswerOf(
        api.PATCH('/api/organizations/{id}/settings', {
          params: { path: { id: organizationId }, header: { 'If-Match': version } },
          body: change,
        }),
      ),
    onSuccess: (changed) => queries.setQueryData(keyOf(organizationId), changed),
  });
}
