import { Inject, Injectable } from '@nestjs/common';
import type { BookingPolicy } from '../config/app-config.js';
import { isoTimeOrNull } from '../repositories/column-values.js';
import { answerOrNullOf } from '../repositories/supabase-error.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import type { OfficeHours } from './office-hours.js';
import type { AutomaticReply, Occasion } from './reply-templates.js';
import type { Service } from './services.js';

/** What an organization decides for itself. */
export interface Settings {
  organizationId: string;
  /** Null: as the service is configured. */
  bookingPolicy: BookingPolicy | null;
  timeZone: string;
  /** The first is the default. */
  languages: string[];
  /** Null: always open. */
  officeHours: OfficeHours | null;
  services: Service[];
  automaticReplies: Partial<Record<Occasion, AutomaticReply>>;
  /** What new instances begin with. */
  history: 'ignore' | 'store' | 'contacts';
  groups: 'ignore' | 'store';
  /** Null while the defaults hold. */
  updatedAt: string | null;
}

/** Settings with what names this state of them. */
export interface VersionedSettings {
  settings: Settings;
  version: string;
}

interface SettingsRow {
  organization_id: string;
  booking_policy: BookingPolicy | null;
  time_zone: string;
  languages: string[];
  office_hours: OfficeHours | null;
  services: Service[];
  automatic_replies: Settings['automaticReplies'];
  history_policy: Settings['history'];
  group_policy: Settings['groups'];
  updated_at: string | null;
  version: string;
}

export type SettingsChanges = Partial<Omit<Settings, 'organizationId' | 'updatedAt'>>;

/** The `organization_settings` table. */
@Injectable()
export class SettingsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @returns null where there is no such organization */
  async findSettings(organizationId: string): Promise<VersionedSettings | null> {
    const p = { organization_id: organizationId };
    const row = await answerOrNullOf<SettingsRow>(this.client.rpc('read_settings', { p }));
    return row && toVersioned(row);
  }

  /**
   * @param changes fields that are left out stay as they are
   * @param versions of which the settings must have one
   * @returns null where there is no such organization; `unknown_time_zone` where the database does not know it
   * @throws AppError `changed_meanwhile`, `organization_closed`
   */
  async updateSettings(
    organizationId: string,
    changes: SettingsChanges,
    versions: string[],
  ): Promise<VersionedSettings | 'unknown_time_zone' | null> {
    const p = { organization_id: organizationId, changes: columnsOf(changes), versions };
    const row = await answerOrNullOf<SettingsRow | { unknown_time_zone: true }>(
      this.client.rpc('write_settings', { p }),
    );
    return row && ('unknown_time_zone' in row ? 'unknown_time_zone' : toVersioned(row));
  }
}

const COLUMNS = {
  bookingPolicy: 'booking_policy',
  timeZone: 'time_zone',
  languages: 'languages',
  officeHours: 'office_hours',
  services: 'services',
  automaticReplies: 'automatic_replies',
  history: 'history_policy',
  groups: 'group_policy',
} as const satisfies Record<keyof SettingsChanges, keyof SettingsRow>;

function columnsOf(changes: SettingsChanges) {
  const fields = Object.keys(COLUMNS) as (keyof SettingsChanges)[];
  const given = fields.filter((field) => changes[field] !== undefined);
  return JSON.parse(
    JSON.stringify(Object.fromEntries(given.map((field) => [COLUMNS[field], changes[field]]))),
  ) as Record<string, never>;
}

function toVersioned(row: SettingsRow): VersionedSettings {
  return {
    version: row.version,
    settings: {
      organizationId: row.organization_id,
      bookingPolicy: row.booking_policy,
      timeZone: row.time_zone,
      languages: row.languages,
      officeHours: row.office_hours,
      services: row.services,
      automaticReplies: row.automatic_replies,
      history: row.history_policy,
      groups: row.group_policy,
      updatedAt: isoTimeOrNull(row.updated_at),
    },
  };
}
