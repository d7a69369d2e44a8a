import type { BinaryNode } from '../../protocol/node.js';
import type { Phone } from '../../phones/phone.js';
import type { LinkedDevice } from '../linked-device.js';
import type { Network } from '../network.js';

/** An iq get or set of a logged-in client. */
export interface Query {
  readonly iq: BinaryNode;
  readonly network: Network;
  readonly device: LinkedDevice;
  /** The account the device belongs to. */
  readonly phone: Phone;
}

/** Answers a query with the children of the result; throws QueryError to refuse it. */
export type QueryHandler = (query: Query) => BinaryNode[] | undefined;

/** An answer `iq type=error`. */
export class QueryError extends Error {
  override readonly name = 'QueryError';

  constructor(
    readonly code: number,
    text: string,
  ) {
    super(text);
  }
}
