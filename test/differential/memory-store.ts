import type { SessionBatch, SessionKeyValue } from '../../src/repositories/session-batch.js';
import type { SessionStoreRepository } from '../../src/repositories/session-store.repository.js';

/** What a database would have of one session. */
export class MemoryStore implements Pick<
  SessionStoreRepository,
  'commitBatch' | 'readSessionKeys' | 'findInbox'
> {
  /** By type and id. */
  readonly keys = new Map<string, SessionKeyValue>();
  readonly inbox: SessionBatch['inbox'] = [];
  private readonly hashes = new Map<string, Buffer | null>();

  async commitBatch({ upserts, deletes, inbox }: SessionBatch) {
    for (const { type, id, value } of upserts) {
      this.keys.set(`${type}/${id}`, { type, id, value });
    }
    deletes.forEach(({ type, id }) => this.keys.delete(`${type}/${id}`));
    for (const row of inbox) {
      if (!this.hashes.has(row.hash)) {
        this.hashes.set(row.hash, row.body);
        this.inbox.push(row);
      }
    }
    return { outcome: 'committed' } as never;
  }

  async readSessionKeys(_instance: string, type: string, ids: string[]): Promise<Map<string, Buffer>> {
    const found = ids.map((id) => this.keys.get(`${type}/${id}`)).filter((key) => key !== undefined);
    return new Map(found.map(({ id, value }) => [id, value]));
  }

  async findInbox(_instance: string, hashes: string[]): Promise<Map<string, Buffer | null>> {
    const found = hashes.filter((hash) => this.hashes.has(hash));
    return new Map(found.map((hash) => [hash, this.hashes.get(hash) ?? null]));
  }
}
