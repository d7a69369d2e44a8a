import type { StoredDataKey, WrappedKey } from '../common/data-keys.js';

/** A data key as the functions of the database give it; bytes in base64. */
export type DataKeyRow = [keyId: string, wrapped: string, isCurrent: boolean];

export function toStoredDataKey([keyId, wrapped, isCurrent]: DataKeyRow): StoredDataKey {
  return { keyId: Buffer.from(keyId, 'base64'), wrapped: Buffer.from(wrapped, 'base64'), isCurrent };
}

/** @returns a new data key as the functions of the database take it */
export function toDataKeyArgument({ keyId, wrapped }: WrappedKey): [keyId: string, wrapped: string] {
  return [keyId.toString('base64'), wrapped.toString('base64')];
}
