import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { isProcessGone } from '../../config/node-id.js';
import { LeasesRepository } from '../../repositories/leases.repository.js';

/** Knows which other nodes are certainly gone, so that no process has to wait until their leases are over. */
@Injectable()
export class NodeLiveness {
  /** The embedded database belongs to one process. */
  readonly isAlone: boolean;
  private readonly nodeId: string;

  constructor(
    private readonly leases: LeasesRepository,
    config: AppConfig,
  ) {
    this.isAlone = config.databaseUrl === undefined && config.supabaseUrl === undefined;
    this.nodeId = config.nodeId;
  }

  /** What may be left of earlier runs of this node: to be ended before anything is taken over. */
  get predecessors(): string[] | 'all' {
    return this.isAlone ? 'all' : [this.nodeId];
  }

  /**
   * Ends the leases of those that are gone.
   * @param nodeIds other nodes
   * @returns whether there was one
   */
  async bury(nodeIds: string[]): Promise<boolean> {
    const gone = nodeIds.filter((id) => this.isAlone || isProcessGone(id));
    if (gone.length > 0) {
      await this.leases.bury(gone);
    }
    return gone.length > 0;
  }

  /** This node leaves: others need not wait for it. */
  async leave(): Promise<void> {
    await this.leases.bury([this.nodeId]);
  }
}
