import { ControlError } from './control-error.js';
import { chats, conversation } from './conversation-routes.js';
import { causeFault } from './fault-routes.js';
import { addGroup, changeGroup, groups } from './group-routes.js';
import { expireFile, file, fileRequests } from './media-routes.js';
import {
  messages,
  ownReceipt,
  phoneOf,
  presence,
  receipt,
  restrict,
  ring,
  stanza,
  type,
  unlink,
  write,
} from './phone-routes.js';
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
    mediaUrl: simulator.mediaUrl,
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
      'Write: to (number, "self", group, status@broadcast, <digits>@broadcast), text or content, [addressing pn|lid, withoutAlternative, withoutKeys, fromDevice, id, acknowledged, unavailable]; content has one of image, video, document, audio, sticker (each with [file: base64, or bytes and seed]), album, location, liveLocation, contact, contacts, poll, event, buttons, buttonReply, list, listReply, templateReply, flowReply, order, product, invite, payment, callLog, text; reaction, vote, answer, comment (with to), edit (with text, [sealed]), revoke, pin, keep (each names a message: id, from); or raw; [replyTo, mentions, forwarded, ad, viewOnce, ephemeral, albumOf]',
    answer: write,
  },
  { method: 'GET', path: '/groups', summary: 'All groups', answer: groups },
  {
    method: 'POST',
    path: '/groups',
    summary: 'Make a group: subject, members (numbers with commas between; the first one creates it)',
    answer: addGroup,
  },
  {
    method: 'POST',
    path: '/groups/:id/change',
    summary: 'Change a group: by (number), change subject|add|remove|promote|demote, subject or members',
    answer: changeGroup,
  },
  {
    method: 'GET',
    path: '/phones/:number/messages',
    summary: 'Received messages: ?after=sequence&limit=&wait=ms (waits for a message after that sequence)',
    answer: messages,
  },
  {
    method: 'GET',
    path: '/phones/:number/chats',
    summary: 'Chats of the phone, the newest first',
    answer: chats,
  },
  {
    method: 'GET',
    path: '/phones/:number/chats/:chat',
    summary: 'A chat as the phone shows it, with what was edited, taken back, reacted to and read: ?limit=',
    answer: conversation,
  },
  {
    method: 'GET',
    path: '/phones/:number/messages/:id/file',
    summary:
      'Fetch, open and check the file of a message that it got or wrote: ?max=bytes shows it in base64 up to that size',
    answer: file,
  },
  {
    method: 'POST',
    path: '/phones/:number/messages/:id/expire',
    summary: 'Take the file of a message that the phone wrote from the media server: [how expired|removed]',
    answer: expireFile,
  },
  {
    method: 'POST',
    path: '/phones/:number/file-requests',
    summary: 'What the phone does when its clients ask for files again: requests give|refuse|ignore|hold',
    answer: fileRequests,
  },
  {
    method: 'POST',
    path: '/phones/:number/read',
    summary: 'Send a receipt: id, [type delivered|read|played]',
    answer: receipt,
  },
  {
    method: 'POST',
    path: '/phones/:number/read-own',
    summary: 'Tell its own clients what was read: id, [type read|read-self|played|played-self]',
    answer: ownReceipt,
  },
  {
    method: 'POST',
    path: '/phones/:number/typing',
    summary: 'Show typing: to, [state composing|recording|paused]',
    answer: type,
  },
  {
    method: 'POST',
    path: '/phones/:number/presence',
    summary: 'Be online or not, for clients that asked: [online]',
    answer: presence,
  },
  {
    method: 'POST',
    path: '/phones/:number/restrict',
    summary: 'Limit what the account may send to strangers: [reason, seconds]; or end that: [lift]',
    answer: restrict,
  },
  {
    method: 'POST',
    path: '/phones/:number/call',
    summary: 'Call: to, [video, end timeout|reject|cancel|none]',
    answer: ring,
  },
  {
    method: 'POST',
    path: '/phones/:number/stanza',
    summary: 'Put any stanza on the lines to another phone: to, stanza (tag, attrs, content)',
    answer: stanza,
  },
  { method: 'POST', path: '/phones/:number/unlink', summary: 'Unlink clients: [device]', answer: unlink },
  {
    method: 'POST',
    path: '/faults/:fault',
    summary:
      'drop, freeze, thaw, replaced, garbage, half-frame, stream-error (code), delay (ms), fragment (mode), duplicate, reorder, corrupt, empty, forget-sessions, refuse-messages (code), withhold-acks, fail-logins (code), expire-code, each with phone and [times]; refuse-pairing (code), swallow-queries / refuse-queries (xmlns, [code]), media-download (kind, [status, bytesPerSecond, bytes, at, to, directPath, times]), media-upload (kind, [status, times]), outage ([mode]), end-outage, certificate ([flaw]; none ends it), forge-identities, clear',
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
