import { Module } from '@nestjs/common';
import { ApiKeysRepository } from './api-keys.repository.js';
import { AuditRepository } from './audit.repository.js';
import { BookingsRepository } from './bookings.repository.js';
import { ContactExportRepository } from './contact-export.repository.js';
import { ContactsRepository } from './contacts.repository.js';
import { DataKeysRepository } from './data-keys.repository.js';
import { DatabaseHealthRepository } from './database-health.repository.js';
import { ErasuresRepository } from './erasures.repository.js';
import { EventsRepository } from './events.repository.js';
import { InboxRepository } from './inbox.repository.js';
import { InstanceStatusRepository } from './instance-status.repository.js';
import { InstancesRepository } from './instances.repository.js';
import { IntegrityRepository } from './integrity.repository.js';
import { InvitationsRepository } from './invitations.repository.js';
import { KeyHoldersRepository } from './key-holders.repository.js';
import { LeasesRepository } from './leases.repository.js';
import { LogoutsRepository } from './logouts.repository.js';
import { MembersRepository } from './members.repository.js';
import { MessagesRepository } from './messages.repository.js';
import { NodeRequestsRepository } from './node-requests.repository.js';
import { NotesRepository } from './notes.repository.js';
import { OpenedCallsRepository } from './opened-calls.repository.js';
import { OrganizationsRepository } from './organizations.repository.js';
import { PairingQrsRepository } from './pairing-qrs.repository.js';
import { RetentionRepository } from './retention.repository.js';
import { ServiceSecretsRepository } from './service-secrets.repository.js';
import { SessionStoreRepository } from './session-store.repository.js';
import { TicksRepository } from './ticks.repository.js';

const repositories = [
  ApiKeysRepository,
  AuditRepository,
  BookingsRepository,
  ContactExportRepository,
  ContactsRepository,
  DataKeysRepository,
  DatabaseHealthRepository,
  ErasuresRepository,
  EventsRepository,
  InboxRepository,
  InstanceStatusRepository,
  InstancesRepository,
  IntegrityRepository,
  InvitationsRepository,
  KeyHoldersRepository,
  LeasesRepository,
  LogoutsRepository,
  MembersRepository,
  MessagesRepository,
  NodeRequestsRepository,
  NotesRepository,
  OpenedCallsRepository,
  OrganizationsRepository,
  PairingQrsRepository,
  RetentionRepository,
  ServiceSecretsRepository,
  SessionStoreRepository,
  TicksRepository,
];

/** All repositories; needs the global `SUPABASE_CLIENT`. */
@Module({ providers: repositories, exports: repositories })
export class RepositoriesModule {}
