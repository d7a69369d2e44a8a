import { ControlError } from './control-error.js';
import { causeFault } from './fault-routes.js';
import { messages, phoneOf, read, unlink, write } from './phone-routes.js';
import type { Route, RouteCall } from './route.js';
import { phoneView, recordView, sentView } from './views.js';

function ledger({ simulator, input }: RouteCall): unknown {
  const limit = input.number('limit', 100, 1, 10_000);
  const { counters, unacknowledged, sent, received } = simulator.ledger;
  return {
    counters,
    unacknowledged: unacknowledged.length,
    sent: sent.slice(-limit).map(sentView),
    received: received.slice(-limit).map(recordView),
  };
}

function addPhone({ simulator, input }: RouteCall): unknown {
  const lid = input.optionalText('lid');
  const number = input.text('number');
  if (simulator.phone(number)) {
    throw new ControlError(409, 'conflict', `there is a phone ${number} already`);
  }
  try {
    return phoneView(
      simulator.addPhone({ number, name: input.text('name'), ...(lid !== undefined && { lid }) }),
    );
  } catch (error) {
    throw error instanceof ControlError ? error : new ControlError(400, 'invalid-input', String(error));
  }
}

function state({ simulator }: RouteCall): unknown {
  return {
    url: simulator.url,
    rootPublicKey: simulator.rootPublicKey,
    phones: simulator.phones.map(phoneView),
    counters: simulator.ledger.counters,
    unknownQueries: Object.fromEntries(simulator.unknownQueries),
  };
}

/** All operations, in the order the self-description lists them. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/state', summary: 'Phones, devices, counters', answer: state },
  {
    method: 'GET',
    path: '/phones',
    summary: 'All phones',
    answer: ({ simulator }) => ({ phones: simulator.phones.map(phoneView) }),
  },
  { method: 'POST', path: '/phones', summary: 'Add a phone: number, name, [lid]', answer: addPhone },
  {
    method: 'GET',
    path: '/phones/:number',
    summary: 'One phone',
    answer: (call) => phoneView(phoneOf(call)),
  },
  {
    method: 'POST',
    path: '/phones/:number/scan',
    summary: 'Scan a QR code: qr',
    answer: async (call) => ({ device: (await phoneOf(call).scans(call.input.text('qr'))).id }),
  },
  {
    method: 'POST',
    path: '/phones/:number/type-code',
    summary: 'Type a pairing code: code',
    answer: async (call) => ({ device: (await phoneOf(call).types(call.input.text('code'))).id }),
  },
  {
    method: 'POST',
    path: '/phones/:number/write',
    summary:
      'Write: to (number, "self", group, status@broadcast), text or content, [addressing pn|lid, withoutAlternative, fromDevice, id, acknowledged]',
    answer: write,
  },
  {
    method: 'GET',
    path: '/phones/:number/messages',
    summary: 'Received messages: ?after=sequence&limit=&wait=ms (waits for a message after that sequence)',
    answer: messages,
  },
  { method: 'POST', path: '/phones/:number/read', summary: 'Send a read receipt: id', answer: read },
  { method: 'POST', path: '/phones/:number/unlink', summary: 'Unlink clients: [device]', answer: unlink },
  {
    method: 'POST',
    path: '/faults/:fault',
    summary:
      'drop, freeze, thaw, replaced, garbage, half-frame, stream-error (code), delay (ms), fragment (mode), duplicate, reorder, corrupt, empty, forget-sessions, refuse-messages (code), withhold-acks, fail-logins (code), expire-code, each with phone and [times]; refuse-pairing (code), swallow-queries / refuse-queries (xmlns, [code]), outage ([mode]), end-outage, certificate ([flaw]; none ends it), forge-identities, clear',
    answer: causeFault,
  },
  {
    method: 'GET',
    path: '/ledger',
    summary: 'Counters, sent and received messages: ?limit=',
    answer: ledger,
  },
  {
    method: 'DELETE',
    path: '/ledger',
    summary: 'Empty the ledger',
    answer: ({ simulator }) => {
      simulator.ledger.clear();
      return {};
    },
  },
];
