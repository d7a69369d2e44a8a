import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { OperationEntry, NewAuditEntry } from '../repositories/audit.repository.js';

export const NOTED_WITH_OPERATION = 'auzap:noted-with-operation';

/** Marks a route whose handler stores the entry about its call together with what it does, which saves a round trip. */
export const NotedWithOperation = () => SetMetadata(NOTED_WITH_OPERATION, true);

/** An entry about a call that is not stored yet. It is there once, however often that is tried. */
export class PendingEntry implements OperationEntry {
  readonly entry: NewAuditEntry;
  private stored: number | undefined;

  /** @param insert stores an entry; @returns its number */
  constructor(
    entry: NewAuditEntry,
    private readonly insert: (entry: NewAuditEntry) => Promise<number>,
  ) {
    this.entry = { ...entry, callId: randomUUID() };
  }

  /** The number of the entry, once it is stored. */
  get id(): number | undefined {
    return this.stored;
  }

  wasStored(id: number): void {
    this.stored = id;
  }

  async store(): Promise<void> {
    this.stored ??= await this.insert(this.entry);
  }
}

const pending = new WeakMap<IncomingMessage, PendingEntry>();

/** Remembers the entry about a request, for as long as the request lives. */
export function setPendingEntryOf(request: IncomingMessage, entry: PendingEntry): void {
  pending.set(request, entry);
}

/** Gives a handler that is marked by `NotedWithOperation` the `OperationEntry` to store. */
export const Operation = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  pending.get(context.switchToHttp().getRequest<IncomingMessage>()),
);
