import { Inject, Injectable } from '@nestjs/common';
import type { GroupChange, GroupChangeKind, GroupRole, GroupState } from '../common/groups.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { PersonAddress } from '../common/person-address.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, type JsonFunction, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime, isoTimeOrNull, storableTime } from './column-values.js';
import { type OutgoingEventRow, toOutgoingEvent } from './outgoing-event-row.js';
import {
  type BoundedRows,
  creationKey,
  type Page,
  pageOf,
  type PageRequest,
  boundOf,
  NEWEST_FIRST,
  rowsToFetch,
} from './page.js';
import { answerOf, answerOrNullOf } from './supabase-error.js';

/** A person in a group, as far as WhatsApp told who it is. */
export interface GroupPerson {
  phone_number: string | null;
  lid: string | null;
}

/** A group in which a number takes part. */
export interface Group {
  id: string;
  organizationId: string;
  instanceId: string;
  jid: string;
  /** Null as long as WhatsApp has not told it. */
  subject: string | null;
  description: string | null;
  owner: GroupPerson | null;
  memberCount: number;
  /** When WhatsApp told who is in it; null: not yet. ISO 8601 UTC, like all times here. */
  learntAt: string | null;
  createdAt: string;
  updatedAt: string;
}

/** A group with its people. */
export interface GroupDetail extends Group {
  members: (GroupPerson & { role: GroupRole; changedAt: string })[];
  /** The last hundred, the newest first. */
  changes: {
    kind: GroupChangeKind;
    by: GroupPerson | null;
    subject: string | null;
    members: GroupPerson[];
    changedAt: string;
  }[];
}

interface GroupRow {
  id: string;
  organization_id: string;
  instance_id: string;
  jid: string;
  subject: string | null;
  description: string | null;
  owner: GroupPerson | null;
  member_count: number;
  learnt_at: string | null;
  created_at: string;
  updated_at: string;
}

interface GroupDetailRow extends GroupRow {
  members: (GroupPerson & { role: GroupRole; changed_at: string })[];
  changes: {
    kind: GroupChangeKind;
    by: GroupPerson | null;
    subject: string | null;
    members: GroupPerson[];
    changed_at: string;
  }[];
}

/** The tables of groups. What is written in them is stored by `InboxRepository.ingest`. */
@Injectable()
export class GroupsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @returns whether WhatsApp is to be asked who is in a group */
  async isUnknown(instanceId: string, jid: string): Promise<boolean> {
    const { unknown } = await this.call<{ unknown: boolean }>('is_group_unknown', {
      instance_id: instanceId,
      jid,
    });
    return unknown;
  }

  /** Stores what WhatsApp says of a group; nothing where the instance ignores groups by now. */
  async learn(
    instanceId: string,
    jid: string,
    { subject, description, owner, members }: GroupState,
  ): Promise<OutgoingEvent[]> {
    const rows = await this.call<OutgoingEventRow[]>('learn_group', {
      instance_id: instanceId,
      jid,
      subject,
      description,
      owner: { ...owner },
      members: members.map((member) => ({ ...member })),
    });
    return rows.map(toOutgoingEvent);
  }

  /**
   * Stores what somebody changed of a group, once however often it comes; nothing where the instance ignores groups by now.
   * @returns the events, to be announced
   */
  async noteChanges(
    instanceId: string,
    jid: string,
    notice: { id: string; at: Date; by: PersonAddress; changes: readonly GroupChange[] },
  ): Promise<OutgoingEvent[]> {
    const rows = await this.call<OutgoingEventRow[]>('note_group_changes', {
      instance_id: instanceId,
      jid,
      notice_id: notice.id,
      at: storableTime(notice.at),
      by: { ...notice.by },
      changes: notice.changes.map(({ people, ...change }) => ({
        ...change,
        ...(people && { people: people.map((person) => ({ ...person })) }),
      })),
    });
    return rows.map(toOutgoingEvent);
  }

  /** Those that were seen last for the first time come first. */
  async listGroups(
    organizationId: string,
    filter: PageRequest & { instanceId?: string | undefined },
  ): Promise<Page<Group>> {
    const { rows, more } = await this.call<BoundedRows<GroupRow>>('list_groups', {
      organization_id: organizationId,
      instance_id: filter.instanceId,
      ...boundOf(filter, NEWEST_FIRST.forms),
      limit: rowsToFetch(filter),
    });
    return pageOf(rows, filter, toGroup, creationKey, { isCut: more });
  }

  /** @param id a UUID; the caller has checked its form */
  async findGroup(scope: OrganizationScope, id: string): Promise<GroupDetail | null> {
    const p = { id, organization_ids: scope === 'all' ? undefined : [...scope.organizationIds] };
    const row = await answerOrNullOf<GroupDetailRow>(this.client.rpc('read_group', { p }));
    return (
      row && {
        ...toGroup(row),
        members: row.members.map(({ changed_at: at, ...member }) => ({ ...member, changedAt: isoTime(at) })),
        changes: row.changes.map(({ changed_at: at, ...change }) => ({ ...change, changedAt: isoTime(at) })),
      }
    );
  }

  private call<T extends NonNullable<unknown>>(name: JsonFunction, p: Json): Promise<T> {
    return answerOf<T>(this.client.rpc(name, { p }));
  }
}

function toGroup(row: GroupRow): Group {
  return {
    id: row.id,
    organizationId: row.organization_id,
    instanceId: row.instance_id,
    jid: row.jid,
    subject: row.subject,
    description: row.description,
    owner: row.owner,
    memberCount: row.member_count,
    learntAt: isoTimeOrNull(row.learnt_at),
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
  };
}
