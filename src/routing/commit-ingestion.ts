import { Injectable } from '@nestjs/common';
import type { InboxRow, InboxRows, PersonAddress } from '../common/inbox.js';
import { MESSAGE_STEPS, passed } from '../common/message-steps.js';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import type { EarlyIngestion, PlannedIngest } from '../queue/early-ingestion.js';
import { InboxHandoff } from '../queue/inbox-handoff.js';
import type { IngestItem } from '../repositories/ingest-item.js';
import { asInboxRow, type EarlyIngested, type NewInboxRow } from '../repositories/session-batch.js';
import { BatchIngestion } from './batch-ingestion.js';
import { IngestPlanner } from './ingest-planner.js';
import { OwnerDirectory } from './owner-directory.js';

/** What one commit ingests at most: what is left is handed over, so that no commit is held up for long. */
const MAX_ROWS = 200;
/** More than a process runs at a time. Then all is forgotten, and learnt once more from the next commits. */
const MAX_INSTANCES = 20_000;
/** The database waited for a lock as long as it may: the organization is being worked on by somebody else. */
const LOCK_NOT_AVAILABLE = '55P03';

interface KnownOwners {
  version: string;
  addresses: readonly PersonAddress[];
  directory: OwnerDirectory;
}

/**
 * The worker's part in a commit: says of received rows what they are before they are stored. What that takes besides the row (its
 * organization, and whose messages are the organization's own) is remembered from earlier commits; the database ingests nothing
 * that was decided with other addresses than it has.
 */
@Injectable()
export class CommitIngestion implements EarlyIngestion {
  private readonly log: ReturnType<Logs['component']>;
  /** By instance. */
  private readonly organizations = new Map<string, string>();
  /** By organization. */
  private readonly owners = new Map<string, KnownOwners>();

  constructor(
    private readonly planner: IngestPlanner,
    private readonly ingestion: BatchIngestion,
    private readonly handoff: InboxHandoff,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('messageWorker');
  }

  async plan(rows: readonly NewInboxRow[]): Promise<PlannedIngest | undefined> {
    if (this.organizations.size >= MAX_INSTANCES) {
      this.organizations.clear();
      this.owners.clear();
    }
    const mine = rows.filter(({ instanceId }) => this.handoff.mayIngestEarly(instanceId));
    if (mine.length === 0) {
      return undefined;
    }
    try {
      return this.toPlan(await this.decide(mine.slice(0, MAX_ROWS)));
    } catch (err) {
      this.log.warn({ err }, 'messages can not be read before they are stored');
      return undefined;
    }
  }

  /** @returns of each instance the first rows as far as it is known what they are */
  private async decide(rows: readonly NewInboxRow[]): Promise<Map<NewInboxRow, IngestItem>> {
    const known = new Map<NewInboxRow, InboxRow>();
    for (const row of rows) {
      const organizationId = this.organizations.get(row.instanceId);
      if (organizationId !== undefined && this.owners.has(organizationId)) {
        known.set(row, asInboxRow(row, '', organizationId));
      }
    }
    passed(MESSAGE_STEPS.taken, { rows: known.keys() });
    const planned = await this.planner.planEarly([...known.values()], (id) => this.owners.get(id)!.directory);
    const items = new Map<NewInboxRow, IngestItem>();
    const ended = new Set<string>();
    [...known.keys()].forEach((row, index) => {
      const item = planned[index];
      if (item === undefined) {
        ended.add(row.instanceId);
      } else if (!ended.has(row.instanceId)) {
        items.set(row, item);
      }
    });
    passed(MESSAGE_STEPS.planned, items.values());
    return items;
  }

  private toPlan(items: Map<NewInboxRow, IngestItem>): PlannedIngest {
    const instanceIds = new Set([...items.keys()].map(({ instanceId }) => instanceId));
    const versions = [...instanceIds].map((instanceId) => {
      const organizationId = this.organizations.get(instanceId)!;
      return [organizationId, this.owners.get(organizationId)!.version] as const;
    });
    const { bookingPolicy } = this.config;
    return {
      ingest: { bookingPolicy, items, ownerVersions: new Map(versions) },
      committed: (result) => this.committed(items, instanceIds, result),
      failed: () => this.handoff.fallBehind(instanceIds),
    };
  }

  private committed(
    items: ReadonlyMap<NewInboxRow, IngestItem>,
    instanceIds: Iterable<string>,
    result: EarlyIngested,
  ): InboxRows {
    const { events, fault, waiting, owners } = result;
    if (fault === undefined) {
      passed(MESSAGE_STEPS.ingested, items.values());
    }
    this.ingestion.announce(events);
    for (const { instanceId, organizationId } of waiting) {
      this.organizations.set(instanceId, organizationId);
    }
    owners?.forEach(({ version, addresses }, organizationId) => {
      this.owners.set(organizationId, { version, addresses, directory: new OwnerDirectory(addresses) });
    });
    if (fault === LOCK_NOT_AVAILABLE) {
      this.handoff.rest(instanceIds);
    } else if (fault !== undefined) {
      // Whose fault it is, is found out from the table; until that is done, commits do not try once more.
      this.log.warn({ sqlState: fault }, 'messages are stored, and are routed from the table');
      this.handoff.fallBehind(instanceIds);
    }
    const rows = waiting.filter(({ organizationId }) => this.owners.has(organizationId));
    const organizations = new Set(rows.map(({ organizationId }) => organizationId));
    return { rows, owners: new Map([...organizations].map((id) => [id, this.owners.get(id)!.addresses])) };
  }
}
