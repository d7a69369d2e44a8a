import type { Destination, Phone, WriteOptions } from '../phones/phone.js';
import { contentOf } from './content-input.js';
import { ControlError } from './control-error.js';
import type { RouteCall } from './route.js';
import { stanzaOf } from './stanza-input.js';
import { messageView, sentView } from './views.js';

const MAX_WAIT_MS = 30_000;
const MAX_PAGE = 500;
const MAX_RESTRICTION_S = 31_536_000;

/** The phone a call is about. Throws 404. */
export function phoneOf({ simulator, params }: Pick<RouteCall, 'simulator' | 'params'>): Phone {
  const phone = simulator.phone(params['number'] ?? '');
  if (!phone) {
    throw new ControlError(404, 'not-found', `no phone ${params['number']}`);
  }
  return phone;
}

/** Writes a message. */
export async function write({ simulator, params, input }: RouteCall): Promise<unknown> {
  const phone = phoneOf({ simulator, params });
  const target = input.text('to');
  const to: Destination = target === 'self' ? phone : (simulator.phone(target) ?? target);
  const id = input.optionalText('id');
  const addressing = input.oneOf('addressing', ['pn', 'lid'] as const);
  const fromDevice = input.number('fromDevice', undefined, 0, 9);
  const unavailable = input.optionalText('unavailable');
  const options: WriteOptions = {
    ...(unavailable !== undefined && { unavailable }),
    withoutAlternative: input.flag('withoutAlternative'),
    withoutKeys: input.flag('withoutKeys'),
    ...(id !== undefined && { id }),
    ...(addressing && { addressing }),
    ...(fromDevice !== undefined && { fromDevice }),
  };
  const sent = await phone.writes(to, contentOf(input), options).catch((error: Error) => {
    throw new ControlError(400, 'invalid-input', error.message);
  });
  if (input.flag('acknowledged')) {
    await sent.acknowledged(MAX_WAIT_MS).catch((error: Error) => {
      throw new ControlError(504, 'not-acknowledged', error.message);
    });
  }
  return sentView(sent);
}

/** Pages through received messages; may wait for the next. */
export async function messages(call: RouteCall): Promise<unknown> {
  const phone = phoneOf(call);
  const after = call.input.number('after', 0, 0, Number.MAX_SAFE_INTEGER);
  const limit = call.input.number('limit', 100, 1, MAX_PAGE);
  const wait = call.input.number('wait', 0, 0, MAX_WAIT_MS);
  if (wait > 0) {
    await phone.receives((message) => message.sequence > after, { timeoutMs: wait }).catch(() => undefined);
  }
  const page = phone.inbox.after(after, limit);
  return {
    messages: page.map((message) => messageView(message, phone.understands(message))),
    after: page.at(-1)?.sequence ?? after,
  };
}

/** Sends a receipt of a received message: a read one unless it says otherwise. */
export function receipt(call: RouteCall): unknown {
  const phone = phoneOf(call);
  const id = call.input.text('id');
  const type = call.input.oneOf('type', ['delivered', 'read', 'played'] as const) ?? 'read';
  const message = phone.received.findLast((each) => each.id === id);
  if (!message) {
    throw new ControlError(404, 'not-found', `phone ${phone.number} received no message ${id}`);
  }
  if (type === 'delivered') {
    phone.delivers(message);
  } else if (type === 'played') {
    phone.plays(message);
  } else {
    phone.reads(message);
  }
  return { id };
}

/** Tells the clients of the phone itself that it read or played a message. */
export function ownReceipt(call: RouteCall): unknown {
  const phone = phoneOf(call);
  const id = call.input.text('id');
  const type = call.input.oneOf('type', ['read', 'read-self', 'played', 'played-self'] as const) ?? 'read';
  const message = phone.received.findLast((each) => each.id === id);
  if (!message) {
    throw new ControlError(404, 'not-found', `phone ${phone.number} received no message ${id}`);
  }
  phone.readsItself(message, type);
  return { id };
}

function otherOf({ simulator, input }: RouteCall): Phone {
  const other = simulator.phone(input.text('to'));
  if (!other) {
    throw new ControlError(404, 'not-found', `no phone ${input.text('to')}`);
  }
  return other;
}

/** Shows that somebody types or records. */
export function type(call: RouteCall): unknown {
  const state = call.input.oneOf('state', ['composing', 'recording', 'paused'] as const) ?? 'composing';
  phoneOf(call).typing(otherOf(call), state);
  return { state };
}

/** Is online, or no longer. */
export function presence(call: RouteCall): unknown {
  const online = call.input.flag('online');
  phoneOf(call).shows(online, online ? undefined : new Date());
  return { online };
}

/** Calls another phone. */
export function ring(call: RouteCall): unknown {
  const end = call.input.oneOf('end', ['timeout', 'reject', 'cancel', 'none'] as const) ?? 'timeout';
  return { call: phoneOf(call).calls(otherOf(call), { video: call.input.flag('video'), end }) };
}

/** Puts any stanza on the lines to another phone's clients. */
export function stanza(call: RouteCall): unknown {
  phoneOf(call).sendsStanza(otherOf(call), stanzaOf(call.input));
  return {};
}

/** Limits what the account may send, or ends that. */
export function restrict(call: RouteCall): unknown {
  const seconds = call.input.number('seconds', 0, 0, MAX_RESTRICTION_S);
  const until = seconds > 0 ? new Date(Date.now() + seconds * 1000) : undefined;
  const reason = call.input.optionalText('reason') ?? 'DEFAULT';
  const restriction = call.input.flag('lift') ? undefined : { reason, ...(until && { until }) };
  call.simulator.restrict(phoneOf(call), restriction);
  return { restricted: restriction !== undefined };
}

/** Unlinks one client or all. */
export function unlink(call: RouteCall): unknown {
  const phone = phoneOf(call);
  const id = call.input.number('device', undefined, 1, 255);
  const devices = phone.devices.filter((device) => id === undefined || device.id === id);
  for (const device of devices) {
    phone.unlinks(device);
  }
  return { unlinked: devices.map((device) => device.id) };
}
