import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silenceLibsignal } from '../silence-libsignal.js';
import { type RemoteDevice, SignalPeer } from './signal-peer.js';

describe('SignalPeer', () => {
  let undo: () => void;

  beforeEach(() => {
    undo = silenceLibsignal();
    vi.useFakeTimers({ toFake: ['Date'] });
  });

  afterEach(() => {
    vi.useRealTimers();
    undo();
  });

  it('goes on with both sessions of two who began at the same time', async () => {
    const ana = new SignalPeer('ana');
    const bia = new SignalPeer('bia');
    const [toAna, toBia] = [deviceOf(ana), deviceOf(bia)];
    const open = async (from: RemoteDevice, to: SignalPeer, { type, ciphertext }: Sealed) =>
      (await to.decrypt(from, type, ciphertext)).toString();
    const later = () => vi.advanceTimersByTime(1_000);

    const fromAna = await ana.encrypt(toBia, Buffer.from('Ana begins'));
    later();
    const fromBia = await bia.encrypt(toAna, Buffer.from('Bia begins'));
    expect(await open(toBia, ana, fromBia)).toBe('Bia begins');
    later();
    expect(await open(toAna, bia, fromAna)).toBe('Ana begins');
    // Each holds the other's session for the one to use.
    const answer = await bia.encrypt(toAna, Buffer.from('Bia answers'));
    expect(await open(toBia, ana, answer)).toBe('Bia answers');

    const next = await ana.encrypt(toBia, Buffer.from('Ana goes on'));
    expect(await open(toAna, bia, next)).toBe('Ana goes on');
  });
});

type Sealed = Awaited<ReturnType<SignalPeer['encrypt']>>;

function deviceOf(peer: SignalPeer): RemoteDevice {
  return { user: peer.name, device: 0, bundle: () => peer.bundle() };
}
