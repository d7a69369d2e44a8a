import {
  type AuthenticationCreds,
  DEFAULT_CONNECTION_CONFIG,
  type SignalKeyStoreWithTransaction,
  type SocketConfig,
} from '@whiskeysockets/baileys';

export type MakeSignalRepository = SocketConfig['makeSignalRepository'];

/** The library's own repository, and the keys behind it. */
export interface SignalBase {
  base: ReturnType<MakeSignalRepository>;
  /** All keys of the socket; everything that the library does to them goes through this object. */
  keys: SignalKeyStoreWithTransaction;
  /** All credentials of the socket, which the library changes in place. */
  creds: AuthenticationCreds;
}

/**
 * What a wrapped signal repository stands on.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/socket.js`: gives `makeSignalRepository` the very keys that it uses for everything else
 * (`authState.keys`), with the very credentials, once, while the socket is made. `lib/Signal/libsignal.js`, `makeLibSignalRepository`: encrypts and decrypts within
 * `keys.transaction`, by methods that the wrapper replaces by name, and stores an object of its own for each write of a session, which
 * nothing changes afterwards (`storeSession`).
 *
 * @param prepare replaces what is to be replaced of the keys before the repository is made of them
 */
export function makeSignalBase(
  [auth, logger, lidQuery]: Parameters<MakeSignalRepository>,
  prepare: (keys: SignalKeyStoreWithTransaction) => void,
): SignalBase {
  const keys = auth.keys as SignalKeyStoreWithTransaction;
  prepare(keys);
  const base = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, lidQuery);
  return { base, keys, creds: auth.creds as AuthenticationCreds };
}
