import { parseArgs } from 'node:util';
import { messageOf } from '../common/error-message.js';
import { onStopSignal } from '../common/stop-signals.js';
import { silenceLibsignal } from './silence-libsignal.js';
import { WhatsAppSimulator } from './whatsapp-simulator.js';
import type { SimulatorOptions } from './whatsapp-simulator.js';

const HELP = `A WhatsApp network on this machine: a server that WhatsApp clients link to, and phones.

Usage: node dist/simulator/cli.js [options]

  --port <n>       port on loopback, 0 takes a free one (default 0)
  --host <name>    127.0.0.1, ::1 or localhost (default 127.0.0.1)
  --phones <n>     phones to start with, 0 to 1000 (default 2)
  --seed <text>    the same keys and LIDs each time
  --log            print what happens, one JSON line each
  --help           this text
`;

/** A mistake in the command line. */
class UsageError extends Error {}

interface Settings {
  readonly options: SimulatorOptions;
  readonly phones: number;
  readonly log: boolean;
}

function wholeNumber(name: string, value: string, max: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > max) {
    throw new UsageError(`--${name} must be a whole number from 0 to ${max}, not "${value}"`);
  }
  return number;
}

function readSettings(args: string[]): Settings | 'help' {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        port: { type: 'string', default: '0' },
        host: { type: 'string', default: '127.0.0.1' },
        phones: { type: 'string', default: '2' },
        seed: { type: 'string' },
        log: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
  if (values.help) {
    return 'help';
  }
  const { host, seed, log } = values;
  if (!['127.0.0.1', '::1', 'localhost'].includes(host)) {
    throw new UsageError(`--host must be a loopback address, not "${host}"`);
  }
  const base = { port: wholeNumber('port', values.port, 65_535), host, ...(seed !== undefined && { seed }) };
  const options = log
    ? { ...base, log: (event: string, fields?: object) => print({ event, ...fields }) }
    : base;
  return { options, phones: wholeNumber('phones', values.phones, 1000), log };
}

function print(line: object): void {
  console.log(JSON.stringify(line));
}

async function run(): Promise<void> {
  const settings = readSettings(process.argv.slice(2));
  if (settings === 'help') {
    console.log(HELP);
    return;
  }
  silenceLibsignal();
  const simulator = await WhatsAppSimulator.start(settings.options);
  const stop = (): void => {
    simulator.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  onStopSignal(stop, () => process.exit(1));
  for (let i = 1; i <= settings.phones; i++) {
    const number = `55119${String(90_000_000 + i)}`;
    simulator.addPhone({ number, name: `Phone ${i}` });
  }
  if (settings.log) {
    for (const event of [
      'device.paired',
      'device.connected',
      'device.disconnected',
      'device.unlinked',
      'media.uploaded',
      'media.downloaded',
    ] as const) {
      simulator.on(event, (payload) => print({ event, ...payload }));
    }
  }
  console.log(`WhatsApp server  ${simulator.url}`);
  console.log(`Control API      ${simulator.controlUrl}`);
  console.log(`Media server     ${simulator.mediaUrl}`);
  console.log(`Root public key  ${simulator.rootPublicKey}`);
  console.log(
    `Start a service  WHATSAPP_WS_URL=${simulator.url} WHATSAPP_ROOT_KEY=${simulator.rootPublicKey} npm start`,
  );
  for (const phone of simulator.phones) {
    console.log(`Phone            ${phone.number}  ${phone.name}`);
  }
}

function fail(error: unknown): void {
  console.error(messageOf(error));
  if (error instanceof UsageError) {
    console.error('Try --help.');
  }
  process.exit(error instanceof UsageError ? 2 : 1);
}

run().catch(fail);
