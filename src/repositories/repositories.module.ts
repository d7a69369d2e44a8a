import { Module } from '@nestjs/common';
import { SupabaseModule } from '../supabase/supabase.module.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { AuditRepository } from './audit.repository.js';
import { ContactsRepository } from './contacts.repository.js';
import { DataKeysRepository } from './data-keys.repository.js';
import { DatabaseHealthRepository } from './database-health.repository.js';
import { EventsRepository } from './events.repository.js';
import { GroupsRepository } from './groups.repository.js';
import { HistoryRepository } from './history.repository.js';
import { InboxRepository } from './inbox.repository.js';
import { InstanceStatusRepository } from './instance-status.repository.js';
import { InstancesRepository } from './instances.repository.js';
import { InvitationsRepository } from './invitations.repository.js';
import { KeyHoldersRepository } from './key-holders.repository.js';
import { LeasesRepository } from './leases.repository.js';
import { LogoutsRepository } from './logouts.repository.js';
import { MediaFilesRepository } from './media-files.repository.js';
import { MembersRepository } from './members.repository.js';
import { MessageMediaRepository } from './message-media.repository.js';
import { MessagesRepository } from './messages.repository.js';
import { NodeRequestsRepository } from './node-requests.repository.js';
import { OpenedCallsRepository } from './opened-calls.repository.js';
import { OrganizationsRepository } from './organizations.repository.js';
import { PairingQrsRepository } from './pairing-qrs.repository.js';
import { ReadsRepository } from './reads.repository.js';
import { ServiceSecretsRepository } from './service-secrets.repository.js';
import { SessionStoreRepository } from './session-store.repository.js';
import { TicksRepository } from './ticks.repository.js';

const repositories = [
  ApiKeysRepository,
  AuditRepository,
  ContactsRepository,
  DataKeysRepository,
  DatabaseHealthRepository,
  EventsRepository,
  GroupsRepository,
  HistoryRepository,
  InboxRepository,
  InstanceStatusRepository,
  InstancesRepository,
  InvitationsRepository,
  KeyHoldersRepository,
  LeasesRepository,
  LogoutsRepository,
  MediaFilesRepository,
  MembersRepository,
  MessageMediaRepository,
  MessagesRepository,
  NodeRequestsRepository,
  OpenedCallsRepository,
  OrganizationsRepository,
  PairingQrsRepository,
  ReadsRepository,
  ServiceSecretsRepository,
  SessionStoreRepository,
  TicksRepository,
];

/**
 * The repositories that several rooms use, and the client of the database for a room's own: a repository that a single room uses
 * stands in that room.
 */
@Module({ imports: [SupabaseModule], providers: repositories, exports: [...repositories, SupabaseModule] })
export class RepositoriesModule {}
