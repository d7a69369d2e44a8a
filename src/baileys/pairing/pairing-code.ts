import { randomBytes } from 'node:crypto';
import {
  aesEncryptCTR,
  type BinaryNode,
  bytesToCrockford,
  derivePairingCodeKey,
  getCompanionPlatformId,
  jidEncode,
  S_WHATSAPP_NET,
  type WABrowserDescription,
  type WASocket,
} from '@whiskeysockets/baileys';
import { AppError, type AppErrorOptions } from '../../common/app-error.js';
import type { PairingEnd } from '../../common/disconnect-reasons.js';
import { statusCodeOf } from '../connection/disconnect-policy.js';

/** WhatsApp refused a pairing code, or did not answer. Its code is how the attempt ends. */
export class PairingRequestError extends AppError {
  constructor(
    readonly end: Extract<PairingEnd, 'pairing_rejected' | 'pairing_rate_limited' | 'whatsapp_unavailable'>,
    options: AppErrorOptions,
  ) {
    super(end, options);
  }
}

/**
 * Asks WhatsApp for a pairing and waits for its answer. (Baileys' own `requestPairingCode` sends the same and looks at no
 * answer, so that a refused code looks like a good one.) Only after the first QR: earlier, Baileys would log in as a
 * device that does not exist.
 *
 * @param socket a socket that is registering; its credentials are changed and worthless after a failure
 * @param phoneNumber digits
 * @param timeoutMs in ms
 * @returns the eight characters to type on the phone, which WhatsApp has accepted
 * @throws PairingRequestError `pairing_rejected`, `pairing_rate_limited` or `whatsapp_unavailable`
 */
export async function requestPairingCode(
  socket: Pick<WASocket, 'authState' | 'query'>,
  browser: WABrowserDescription,
  phoneNumber: string,
  timeoutMs: number,
): Promise<string> {
  const { creds } = socket.authState;
  const pairingCode = bytesToCrockford(randomBytes(5));
  creds.pairingCode = pairingCode;
  creds.me = { id: jidEncode(phoneNumber, 's.whatsapp.net'), name: '~' };
  const content = [
    node('link_code_pairing_wrapped_companion_ephemeral_pub', await wrappedEphemeral(creds, pairingCode)),
    node('companion_server_auth_key_pub', creds.noiseKey.public),
    node('companion_platform_id', getCompanionPlatformId(browser)),
    node('companion_platform_display', `${browser[1]} (${browser[0]})`),
    node('link_code_pairing_nonce', '0'),
  ];
  const attrs = { jid: creds.me.id, stage: 'companion_hello', should_show_push_notification: 'true' };
  const query = {
    tag: 'iq',
    attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'md' },
    content: [{ tag: 'link_code_companion_reg', attrs, content }],
  };
  const answer = (await socket.query(query, timeoutMs).catch((error: unknown) => {
    throw refusal(error);
  })) as BinaryNode | undefined;
  if (answer === undefined) {
    throw unavailable();
  }
  if (answer.attrs['type'] === 'error') {
    throw rejected(undefined);
  }
  return pairingCode;
}

function node(tag: string, content: Uint8Array | string) {
  return { tag, attrs: {}, content };
}

async function wrappedEphemeral(
  creds: { pairingEphemeralKeyPair: { public: Uint8Array } },
  code: string,
): Promise<Uint8Array> {
  const salt = randomBytes(32);
  const iv = randomBytes(16);
  const key = await derivePairingCodeKey(code, salt);
  return Buffer.concat([salt, iv, aesEncryptCTR(creds.pairingEphemeralKeyPair.public, key, iv)]);
}

function refusal(error: unknown): PairingRequestError {
  // `query` throws WhatsApp's own code for an `iq` of type error; a lost line is Baileys' 428, or a bare number.
  const data = (error as { data?: unknown } | undefined)?.data;
  const code = typeof data === 'number' ? data : statusCodeOf(error);
  if (code === undefined || code === 428 || code === 408 || !(error instanceof Error)) {
    return unavailable(error);
  }
  return rejected(code, error);
}

function rejected(code: number | undefined, cause?: unknown): PairingRequestError {
  if (code === 429) {
    return new PairingRequestError('pairing_rate_limited', { cause });
  }
  const shown = code === undefined ? '' : ` (${code})`;
  return new PairingRequestError('pairing_rejected', {
    message: `WhatsApp refused the pairing code${shown}: check the phone number and try again.`,
    cause,
  });
}

function unavailable(cause?: unknown): PairingRequestError {
  return new PairingRequestError('whatsapp_unavailable', {
    message: 'WhatsApp did not answer the pairing request. Try again.',
    cause,
  });
}
