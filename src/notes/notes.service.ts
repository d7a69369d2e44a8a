import { Injectable } from '@nestjs/common';
import { holdsAll } from '../auth/grants.js';
import { organizationOf } from '../auth/organization-of.js';
import type { Principal } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import { DomainEventBus } from '../common/domain-events.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import { once } from '../repositories/once.js';
import type { NoteTextDto } from './dto/note-text.dto.js';
import { type NoteChanger, NotesRepository, type VersionedNote } from './notes.repository.js';

/** Notes that people write here. */
@Injectable()
export class NotesService {
  constructor(
    private readonly notes: NotesRepository,
    private readonly bus: DomainEventBus,
  ) {}

  /** @throws AppError `note_not_found` */
  async find(
    scope: OrganizationScope,
    id: string,
    organizationId: string | undefined,
  ): Promise<VersionedNote> {
    return found(await this.notes.findNote(organizationOf(scope, organizationId), id));
  }

  /**
   * @param key the caller's name for this note: made once under it
   * @returns the note, and whether an earlier call under the key had made it
   * @throws AppError `contact_not_found`, `organization_closed`, `contact_being_erased`, `idempotency_key_reused`; `note_not_found`
   *   where what an earlier call made was deleted
   */
  async create(
    caller: Principal,
    scope: OrganizationScope,
    contactId: string,
    input: NoteTextDto,
    key: string | undefined,
  ): Promise<VersionedNote & { isReplay: boolean }> {
    const organizationId = organizationOf(scope, input.organization_id);
    const made = await this.notes.createNote(organizationId, {
      contactId,
      text: input.text,
      by: caller,
      once: once('POST /api/contacts/:id/notes', key, [contactId, input.text]),
    });
    if (made === null) {
      throw new AppError('contact_not_found');
    }
    this.announce(made.events);
    return { ...found(made.made), isReplay: made.isReplay };
  }

  /**
   * @param versions of which the note must have one; any where they are left out
   * @throws AppError `note_not_found`, `note_of_phone`, `note_of_another`, `changed_meanwhile`
   */
  async change(
    caller: Principal,
    scope: OrganizationScope,
    id: string,
    input: NoteTextDto,
    versions: string[] | undefined,
  ): Promise<VersionedNote> {
    const organizationId = organizationOf(scope, input.organization_id);
    const changer = changerOf(caller, organizationId);
    const changed = found(await this.notes.changeNote(organizationId, id, input.text, changer, versions));
    this.announce(changed.events);
    return changed;
  }

  /** @throws AppError as `change` */
  async delete(
    caller: Principal,
    scope: OrganizationScope,
    id: string,
    given: string | undefined,
    versions: string[] | undefined,
  ): Promise<void> {
    const organizationId = organizationOf(scope, given);
    this.announce(
      found(await this.notes.deleteNote(organizationId, id, changerOf(caller, organizationId), versions)),
    );
  }

  private announce(events: OutgoingEvent[]): void {
    if (events.length > 0) {
      this.bus.emit('events.committed', events);
    }
  }
}

function changerOf(caller: Principal, organizationId: string): NoteChanger {
  return { by: caller, isManager: holdsAll(caller, organizationId, ['manage']) };
}

function found<Found>(note: Found | null): Found {
  if (note === null) {
    throw new AppError('note_not_found');
  }
  return note;
}
