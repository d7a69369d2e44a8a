import type { Request } from 'express';
import { knownTo, type Principal } from '../auth/principal.js';
import { findCallerOf } from '../auth/request-caller.js';
import { type ProxyTrust, senderAddress } from '../http/client-address.js';
import { requestIdOf } from '../http/request-id.js';
import type { NewAuditEntry } from '../repositories/audit.repository.js';
import { describeOperation } from './audit-action.js';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);
const NOBODY: Principal = { kind: 'open', id: 'nobody', name: 'nobody', grants: new Map() };

/** @returns whether requests of this method may change something */
export function isChange(method: string): boolean {
  return !READING.has(method);
}

/** @returns what to note of a request, whatever its sender */
export function entryOf(request: Request): NewAuditEntry {
  const principal = findCallerOf(request)?.principal ?? NOBODY;
  const { kind, id, name } = principal;
  const scope = knownTo(principal);
  return {
    ...describeOperation(request, scope),
    actor: { kind, id, name },
    scope,
    requestId: requestIdOf(request),
    address: senderAddress(request, request.app.get('trust proxy fn') as ProxyTrust),
  };
}
