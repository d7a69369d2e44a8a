import { proto, WA_CERT_DETAILS } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import type { AppConfig } from '../../config/app-config.js';
import { baileysLogger } from './baileys-logger.js';
import type { InstanceCaches } from './cache-store.js';
import { ownBytes } from '../../common/own-bytes.js';
import type { MessagesRepository } from '../../repositories/messages.repository.js';
import type { SessionSettings } from '../settings/session-settings.js';
import type { GroupCommit } from '../storage/group-commit.js';
import type { LineClock } from './line-clock.js';
import type { Watchdogs } from './watchdogs.js';
import type { OwnedSession } from '../storage/owned-session.js';
import { hardenedRepository } from '../signal/signal-repository.js';
import { socketOptions } from './socket-options.js';
import { type ConnectionListener, WaConnection } from './wa-connection.js';

/** What connections of all sessions share. */
export interface ConnectionContext {
  readonly settings: SessionSettings;
  readonly config: AppConfig;
  readonly groupCommit: GroupCommit;
  readonly messages: MessagesRepository;
  readonly watchdogs: Watchdogs;
  readonly clock: LineClock;
}

/** What a session gives its next connection. */
export interface SessionConnectionParts {
  owned: OwnedSession;
  caches: InstanceCaches;
  isCodePairing: boolean;
  log: Logger;
}

/**
 * Dials for a session.
 * @param isCurrent false once the connection is not the session's own any more
 */
export function connectSession(
  context: ConnectionContext,
  parts: SessionConnectionParts,
  listener: ConnectionListener,
  isCurrent: () => boolean,
): WaConnection {
  const { settings, config, groupCommit, messages, watchdogs, clock } = context;
  const { creds, keys, handle } = parts.owned;
  const over = new AbortController();
  const socketKeys = keys.forSocket(isCurrent, over.signal);
  const held = { limitMs: settings.transactionMs, onHeld: () => connection.giveUp('lock_held') };
  const onUnreadable = () => parts.log.warn('undecryptable message');
  const stanzas = { store: keys, socketKeys, ended: over.signal, onUnreadable };
  const { makeSignalRepository, observe, receive } = hardenedRepository(stanzas, held);
  /** For a recipient that could not read what we sent; nothing at all is better than an empty message. */
  const getMessage = async ({ id }: { id?: string | null }) => {
    const found = id ? await messages.findOutboundContent(handle.instanceId, id).catch(() => null) : null;
    if (found?.payload) {
      return proto.Message.decode(handle.cipher.openMessage(found.messageId, found.payload));
    }
    return found?.contentType === 'text' ? { extendedTextMessage: { text: found.content } } : undefined;
  };
  const options = socketOptions(
    {
      creds,
      keys: socketKeys,
      caches: parts.caches,
      logger: baileysLogger(parts.log),
      url: config.whatsappWsUrl,
      isCodePairing: parts.isCodePairing,
      storesGroups: () => handle.storesGroups,
      getMessage,
      makeSignalRepository,
    },
    settings,
  );
  const durableTicket = () => groupCommit.durableTicket;
  const connection = new WaConnection(
    {
      options,
      rootKey: rootKeyOf(config),
      handle,
      durableTicket,
      observe,
      receive: config.hasFastReceive ? receive : () => undefined,
      allowance: parts.caches.allowance,
      settings,
      watchdogs,
      clock,
      over,
      log: parts.log,
    },
    listener,
  );
  return connection;
}

/** @returns whose signature the server's certificates need, whatever its address is: WhatsApp's, unless another is configured */
function rootKeyOf({ whatsappRootKey }: AppConfig): Uint8Array {
  return whatsappRootKey === undefined
    ? WA_CERT_DETAILS.PUBLIC_KEY
    : ownBytes(Buffer.from(whatsappRootKey, 'hex'));
}
