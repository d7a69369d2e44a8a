import type { Faults } from '../faults.js';
import { CERTIFICATE_FLAWS } from '../protocol/certificate-authority.js';
import type { Phone } from '../phones/phone.js';
import { ControlError } from './control-error.js';
import type { Fields } from './fields.js';
import { downloadFault, uploadFault } from './media-routes.js';
import type { RouteCall } from './route.js';

interface FaultCall {
  readonly faults: Faults;
  readonly input: Fields;
  /** The phone the call names. Throws 404. */
  readonly phone: () => Phone;
  readonly times: () => number;
}

const CODE = [100, 999] as const;

function code(input: Fields): number {
  const value = input.number('code', undefined, ...CODE);
  if (value === undefined) {
    throw new ControlError(400, 'invalid-input', 'code is missing');
  }
  return value;
}

const FAULTS: Readonly<Record<string, (call: FaultCall) => unknown>> = {
  drop: ({ faults, phone }) => faults.dropConnection(phone()),
  freeze: ({ faults, phone }) => faults.freeze(phone()),
  thaw: ({ faults, phone }) => faults.thaw(phone()),
  replaced: ({ faults, phone }) => faults.replaced(phone()),
  garbage: ({ faults, phone }) => faults.garbage(phone()),
  'half-frame': ({ faults, phone }) => faults.halfFrame(phone()),
  'stream-error': ({ faults, phone, input }) => faults.streamError(phone(), code(input)),
  delay: ({ faults, phone, input }) => faults.delay(phone(), input.number('ms', 0, 0, 60_000)),
  fragment: ({ faults, phone, input }) =>
    faults.fragment(phone(), input.oneOf('mode', ['whole', 'bytes', 'coalesced'] as const) ?? 'bytes'),
  duplicate: ({ faults, phone, times }) => faults.duplicate(phone(), times()),
  reorder: ({ faults, phone, times }) => faults.reorder(phone(), times()),
  corrupt: ({ faults, phone, times }) => faults.corrupt(phone(), times()),
  empty: ({ faults, phone, times }) => faults.empty(phone(), times()),
  'forget-sessions': ({ faults, phone }) => faults.forgetSessions(phone()),
  'refuse-messages': ({ faults, phone, input, times }) =>
    faults.refuseMessages(phone(), code(input), times()),
  'withhold-acks': ({ faults, phone, times }) => faults.withholdAcknowledgements(phone(), times()),
  'fail-logins': ({ faults, phone, input, times }) => faults.failLogins(phone(), code(input), times()),
  'expire-code': ({ faults, phone }) => faults.expirePairingCode(phone()),
  'refuse-pairing': ({ faults, input }) => faults.refusePairing(code(input) === 429 ? 429 : 400),
  'swallow-queries': ({ faults, input, times }) => faults.swallowQueries(input.text('xmlns'), times()),
  'refuse-queries': ({ faults, input, times }) =>
    faults.refuseQueries(input.text('xmlns'), code(input), times()),
  'media-download': ({ faults, input, times }) => {
    const directPath = input.optionalText('directPath');
    faults.disturbDownloads(
      downloadFault(input),
      times(),
      directPath === undefined ? undefined : { directPath },
    );
  },
  'media-upload': ({ faults, input, times }) => faults.disturbUploads(uploadFault(input), times()),
  outage: ({ faults, input }) => void faults.outage(input.oneOf('mode', ['reset', 'http-503'] as const)),
  certificate: ({ faults, input }) => faults.certificate(input.oneOf('flaw', CERTIFICATE_FLAWS)),
  'forge-identities': ({ faults }) => faults.forgeIdentities(),
  'end-outage': ({ faults }) => faults.endOutage(),
  clear: ({ faults }) => faults.clear(),
};

/** Causes the fault a path names. `lines` in the answer is how many connections it hit, where that applies. */
export function causeFault({ simulator, params, input }: RouteCall): unknown {
  const fault = FAULTS[params['fault'] ?? ''];
  if (!fault) {
    throw new ControlError(
      404,
      'not-found',
      `no fault ${params['fault']}; there are ${Object.keys(FAULTS).join(', ')}`,
    );
  }
  const lines = fault({
    faults: simulator.faults,
    input,
    phone: () => {
      const number = input.text('phone');
      const phone = simulator.phone(number);
      if (!phone) {
        throw new ControlError(404, 'not-found', `no phone ${number}`);
      }
      return phone;
    },
    times: () => input.number('times', 1, 1, 1_000_000),
  });
  return typeof lines === 'number' ? { lines } : {};
}
