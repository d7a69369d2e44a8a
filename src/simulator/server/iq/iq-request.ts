import type { BinaryNode } from '../../protocol/node.js';
import type { Phone } from '../../phones/phone.js';
import type { LinkedDevice } from '../linked-device.js';
import type { Network } from '../network.js';

/** An iq get or set of a logged-in client. */
export interface IqRequest {
  readonly iq: BinaryNode;
  readonly network: Network;
  readonly device: LinkedDevice;
  /** The account the device belongs to. */
  readonly phone: Phone;
}

/** Answers an iq with the children of the result; throws IqError to refuse it. */
export type IqHandler = (request: IqRequest) => BinaryNode[] | undefined;

/** An answer `iq type=error`. */
export class IqError extends Error {
  override readonly name = 'IqError';

  constructor(
    readonly code: number,
    text: string,
  ) {
    super(text);
  }
}
