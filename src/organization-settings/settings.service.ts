import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { organizationInPath } from '../auth/organization-of.js';
import { AppError, hasCode } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { UpdateSettingsDto } from './dto/update-settings.dto.js';
import { OCCASIONS } from './reply-templates.js';
import {
  type Settings,
  type SettingsChanges,
  SettingsRepository,
  type VersionedSettings,
} from './settings.repository.js';

/** How often changes are made anew that met other ones. */
const TRIES = 5;

/** What organizations decide for themselves. */
@Injectable()
export class SettingsService {
  constructor(private readonly repository: SettingsRepository) {}

  /** @throws AppError `organization_not_found` */
  async find(scope: OrganizationScope, id: string): Promise<VersionedSettings> {
    return found(await this.repository.findSettings(organizationInPath(scope, id)));
  }

  /**
   * @param versions of which the settings must have one; any where they are left out
   * @throws AppError `organization_not_found`, `organization_closed`, `changed_meanwhile`, `validation_failed` where the settings
   *   would not fit together
   */
  async change(
    scope: OrganizationScope,
    id: string,
    input: UpdateSettingsDto,
    versions: string[] | undefined,
  ): Promise<VersionedSettings> {
    for (let tries = TRIES; ; tries -= 1) {
      const { settings, version } = await this.find(scope, id);
      if (versions !== undefined && !versions.includes(version)) {
        throw new AppError('changed_meanwhile');
      }
      const changes = changesOf(input, settings);
      refuseMissingTexts({ ...settings, ...changes });
      try {
        const changed = await this.repository.updateSettings(settings.organizationId, changes, [version]);
        if (changed === 'unknown_time_zone') {
          throw invalid('time_zone', 'is a time zone that the database does not know');
        }
        return found(changed);
      } catch (error) {
        if (versions !== undefined || tries === 1 || !hasCode(error, 'changed_meanwhile')) {
          throw error;
        }
      }
    }
  }
}

function changesOf(input: UpdateSettingsDto, current: Settings): SettingsChanges {
  const { office_hours: hours, services, automatic_replies: replies } = input;
  const changes = {
    bookingPolicy: input.booking_policy,
    timeZone: input.time_zone,
    languages: input.languages,
    officeHours: hours && { weekly: hours.weekly ?? [], exceptions: hours.exceptions ?? [] },
    services: services?.map(({ id, name, duration_minutes, price }) => ({
      id: id?.toLowerCase() ?? randomUUID(),
      name,
      duration_minutes,
      price: price ?? null,
    })),
    automaticReplies:
      replies &&
      Object.fromEntries(
        Object.entries({ ...current.automaticReplies, ...replies }).filter(([, reply]) => reply !== null),
      ),
    history: input.history,
    groups: input.groups,
  };
  return Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  ) as SettingsChanges;
}

/** Whoever speaks none of the other languages is written to in the first. */
function refuseMissingTexts({ automaticReplies, languages }: Settings): void {
  for (const occasion of OCCASIONS) {
    const reply = automaticReplies[occasion];
    if (reply?.enabled === true && reply.texts[languages[0]!] === undefined) {
      throw invalid(
        'automatic_replies',
        `${occasion}: texts needs a template in ${languages[0]}, the first of languages`,
      );
    }
  }
}

function invalid(path: string, message: string): AppError {
  return new AppError('validation_failed', {
    message: `The input is invalid: ${path}: ${message}.`,
    details: [{ path, message }],
  });
}

function found(settings: VersionedSettings | null): VersionedSettings {
  if (settings === null) {
    throw new AppError('organization_not_found');
  }
  return settings;
}
