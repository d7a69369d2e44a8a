import { proto } from '@whiskeysockets/baileys';

const { HistorySyncType } = proto.HistorySync;

/** Pieces of history that may be large: messages of months, for the worker alone. */
const BULK: ReadonlySet<number> = new Set([
  HistorySyncType.RECENT,
  HistorySyncType.FULL,
  HistorySyncType.ON_DEMAND,
]);

/**
 * Whether the library fetches a piece of history by itself, to learn addresses and tokens from it. It does that while the line
 * waits, so it gets the small first pieces only; messages are stored by the worker, of all pieces. Before there is a piece the library asks
 * about `RECENT`, to know whether to wait for any.
 */
export function shouldSyncHistoryMessage({
  syncType,
  directPath,
  initialHistBootstrapInlinePayload,
}: proto.Message.IHistorySyncNotification): boolean {
  const isPiece = Boolean(directPath ?? initialHistBootstrapInlinePayload);
  return !(isPiece && BULK.has(syncType ?? HistorySyncType.INITIAL_BOOTSTRAP));
}
