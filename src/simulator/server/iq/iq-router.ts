import { SERVER, children, node } from '../../protocol/node.js';
import type { BinaryNode } from '../../protocol/node.js';
import {
  answerBlocklist,
  answerGroups,
  answerMedia,
  answerMex,
  answerPicture,
  answerPrivacy,
  answerProps,
} from './account-iq.js';
import { answerAppState } from './app-state-iq.js';
import { answerKeys } from './key-iq.js';
import { IqError } from './iq-request.js';
import type { IqRequest, IqHandler } from './iq-request.js';
import { answerUsync } from './usync-iq.js';

const MAX_UNKNOWN = 1000;

function nothing(): undefined {
  return undefined;
}

const HANDLERS: Readonly<Record<string, IqHandler>> = {
  encrypt: answerKeys,
  usync: answerUsync,
  'w:sync:app:state': answerAppState,
  abt: answerProps,
  blocklist: answerBlocklist,
  privacy: answerPrivacy,
  'w:m': answerMedia,
  'w:g2': answerGroups,
  'w:profile:picture': answerPicture,
  'w:mex': answerMex,
  passive: nothing,
  'w:biz': nothing,
  'w:p': nothing,
  status: nothing,
  disappearing_mode: nothing,
  'w:stats': nothing,
  'urn:xmpp:whatsapp:dirty': nothing,
  md: nothing,
};

/** Answers an iq, always: unknown ones get an empty result and are counted. Undefined when a fault swallows it. */
export function routeIq(request: IqRequest): BinaryNode | undefined {
  const { iq, network } = request;
  const { xmlns = '', id, to = SERVER } = iq.attrs;
  const fault = network.faults.takeQuery(xmlns);
  if (fault) {
    network.events.emit('query.disturbed', { xmlns });
  }
  if (fault?.kind === 'swallow') {
    return undefined;
  }
  if (fault) {
    return refusal(iq, fault.code, 'fault');
  }
  const handler = HANDLERS[xmlns];
  if (!handler) {
    countUnknown(request);
  }
  try {
    return node('iq', { from: to, type: 'result', id }, handler?.(request));
  } catch (error) {
    if (error instanceof IqError) {
      return refusal(iq, error.code, error.message);
    }
    throw error;
  }
}

function refusal(iq: BinaryNode, code: number, text: string): BinaryNode {
  const { id, to = SERVER } = iq.attrs;
  return node('iq', { from: to, type: 'error', id }, [node('error', { code: String(code), text })]);
}

function countUnknown({ iq, network }: IqRequest): void {
  const name = `${iq.attrs['xmlns']} ${iq.attrs['type']} ${children(iq)[0]?.tag ?? ''}`;
  const count = network.unknownQueries.get(name);
  if (count !== undefined || network.unknownQueries.size < MAX_UNKNOWN) {
    network.unknownQueries.set(name, (count ?? 0) + 1);
  }
  network.log('unknown query', { name });
}
