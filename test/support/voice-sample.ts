import { Readable } from 'node:stream';
import { oggPackets } from '../../src/media-store/ogg-packets.js';
import { oggOpus, voiceNote } from '../../src/simulator/media-host/samples.js';

/** How loud each 400 ms of it are. */
const LEVELS = [1, 0.1, 0.5, 0, 1];

/** Two seconds of a tone, as loud as `LEVELS` says: Opus with 6 kbit/s in packets of 20 ms, as libopus encodes it. */
export const VOICE_SAMPLE = Buffer.from(
  'T2dnUwACAAAAAAAAAAABAAAAAAAAAHoOhMEBE09wdXNIZWFkAQE4AUAfAAAAAABPZ2dTAAAAAAAAAAAAAAEAAAABAAAAl5l+RgEUT3B1c1RhZ3MEAAAAYXV6cAAA' +
    'AABPZ2dTAACAuwAAAAAAAAEAAAACAAAAgDDkvzILGw4PDg8ODQ8PDw4QDg8ODw8QDRUQEhITEBERERMSEhEQEBISERQSFQ8NDg0QDQ0ODgiFKz7F/SQC61kiCLkz' +
    'Y1f6APFWeI1MHM/io25P/u7c3t72WbkqCLBZKLj39BT0nPemFRwIsAt1ud9ydmmd35wg4+AIsFp7h/j5i5nHQRuxTgiwmcA06eIwRQi1IFurgAiwQBdaAVETRZYW' +
    'z9QWCLBZKLj39BT0zj5AAwiwC3W533J2Vs9GVcIZYAiwWnuH+PmLmcctBKXOAQiwmcA06eIwRSuCvxFggAiwQBdaAVETRZSyO49ACLBZKLj39BT0nZi7A3laEAiw' +
    'C3W533J2Vd7Yl+uACLBae4f4+YuZxyzD8cCkCLCZwDTp4bXOXVfYFHAIsEAXWgFRE0Wx5120DcYIsFkouPf0FPSc98rygAgIsAt1ud9ydlZblVRtnogsCLBgr9IT' +
    '9fHeeKnGgAi5+uJIEaDRUlHuZRNM3etjzBoIQAgGWQAbsagfvEwcaOTsqMAIBcukPkA7OnIsGDAjXKFDYhcIBcuOjRT/76pnLTAJcNaGePAIBcvHvyj9C5sWRlbx' +
    'F+MYmXygCAXLjo0VAWNabeRHR1+mhQgFy6Q+QDs86CiOH+wYuO5LCAXLpD5AOzpyPwfiifNGqwgIBcuOjRT/76ikGib/FJ8ygAgFy8e/KP0LjLePjJaqYqMUDcAI' +
    'BcuOjRUBY8rPlIIDOC9e+JAIBcukPkA7N2wel7bD9MOk60AIBcukPkA7N4DPv1ksEXLxEAgFy46NFP/vqKMTAkGek9AIBcvHvyj9C1R/6wC1UqaQCAXLjo0VARNa' +
    '3iKqpRg0ryqACAXLpD5AOzd0taDQI02z6I3gCAXLpD5AOzpyH4HIK1t8n6AIBcuOjRT/831glfiew1oEzGYYSAgFy8e/KP0LmwgZe4Yc/yQ0wAi1ej9nz2P7l9T8' +
    'VP9lS/ZiMN/SwAisZESAdV6DlU1LFge0gwiqFojFaCTYzSQyY4AIqvM1ud9ydlcBNqrb4AirQjuR4H0O28jayZAIqzLmvkm0MijugZM1jWdTCKsSp+0USCVTZXCq' +
    'oAiqFojFaCTYzSxU8RAIqvM1ud9ydlbOgjzmbgirQjuR4H0TyQsKZmbbT2dnUwAEAHcBAAAAAAABAAAAAwAAAPrQVswyDg4PDg4QDw4ODhINCAcGBgYGBgYGBgYG' +
    'BgYGBgYGERkPDQ4NEA8PDg8ODw8OEA4RDw0IqzLmvkmxMF3MF2khsAirEvZTZ8BdO+L5vW+ICKoWiMVoJNjNLE1/1oG5CKrzNbnfcnZXAKEH8qgIq0I7keB9DtvJ' +
    'UysqMwirMua+SbEwXWitUdRZPkAIqxL2U2fAXTylOx0p8EAIqhJAUCzHSGNlvI5M4Aiq8zW9q0GYZk/RzUdACKtCO5HgfQ7byVCfqIAIv5RcYAxAYf34rFK14Qwa' +
    'D6AIPfqAKpJTkUshs4PACC57AJs+AqAICiX5FoXgCAissw7GCAissw7GCAissw7GCAissw7GCAissw7GCAissw7GCAissw7GCAissw7GCAissw7GCAissw7GCAis' +
    'sw7GCAissw7GCAissw7GCAissw7GCAissw7GCAissw7GCIVONMLkbDAfUUjEDO/tAhYItLuHE6D5lz8s4BXa5xp5HNl5S1S/YYqsCLBZKLj39BT0zg549Fp6CLAL' +
    'dbnfcnZV4JC1BwiwYK/SE/Xx3niqeqLACLCZwDTp4bXOXGzy7giwQBdaAVETRbT2DIrCxUAIsFkouPf0FPTOf57hD6AIsAt1ud9ydlcBO6qTxEQIsGCv0hP18d54' +
    'vJmoEAiwmcA06eG1zm2w8sKX2AiwQBdaAVETRa78XH5ACLBZKLj39BT0naJequgICLALdbnfcnZV4L3giBj0CLBgr9IT9e6w8C0abEAIsJnANOniMEUf3vQQNQmA' +
    'CLBAF1oBURNMQGPMa4AIsFkouPf0FPSdGhizKFgrgAiwC3W533J2RGWLkZlbcAiwSya+eT2fDvjWMrA=',
  'base64',
);

/** Silence. */
export const quietSample = voiceNote;

/** @returns the same, each level as often as one likes */
export async function longVoiceSample(times: number): Promise<Buffer> {
  const packets: Buffer[] = [];
  for await (const page of oggPackets(Readable.from([VOICE_SAMPLE]), 1_000)) {
    packets.push(...page);
  }
  const sounds = packets.slice(2);
  const ofLevel = sounds.length / LEVELS.length;
  const levels = LEVELS.map((_, at) => sounds.slice(at * ofLevel, (at + 1) * ofLevel));
  return oggOpus(levels.flatMap((level) => Array.from({ length: times }, () => level).flat()));
}

/** @returns what a waveform has in the middle of each level, and what belongs there */
export function levelsOf(waveform: Uint8Array): { heard: number[]; expected: number[] } {
  const heard = LEVELS.map((_, at) => waveform[Math.floor(((at + 0.6) / LEVELS.length) * waveform.length)]!);
  return { heard, expected: LEVELS.map((level) => level * 100) };
}
