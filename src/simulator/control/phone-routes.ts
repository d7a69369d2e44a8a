import { proto } from '@whiskeysockets/baileys';
import type { Content } from '../phones/message-content.js';
import type { Destination, Phone, WriteOptions } from '../phones/phone.js';
import { ControlError } from './control-error.js';
import type { Fields } from './fields.js';
import type { RouteCall } from './route.js';
import { messageView, sentView } from './views.js';

const MAX_WAIT_MS = 30_000;
const MAX_PAGE = 500;

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
  const options: WriteOptions = {
    withoutAlternative: input.flag('withoutAlternative'),
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

function contentOf(input: Fields): Content {
  const content = input.object('content');
  if (!content) {
    return input.text('text');
  }
  const raw = input.nested('content', 'raw');
  return (raw === undefined ? content : { ...content, raw: proto.Message.fromObject(raw) }) as Content;
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
  return { messages: page.map(messageView), after: page.at(-1)?.sequence ?? after };
}

/** Sends a read receipt. */
export function read(call: RouteCall): unknown {
  const phone = phoneOf(call);
  const id = call.input.text('id');
  const message = phone.received.findLast((each) => each.id === id);
  if (!message) {
    throw new ControlError(404, 'not-found', `phone ${phone.number} received no message ${id}`);
  }
  phone.reads(message);
  return { id };
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
