import type { InstanceStatus } from '../../common/instance.js';

/** How the health page counts a session. */
export type SessionPhase = 'connected' | 'pairing' | 'waiting' | 'connecting';

interface StateMeaning {
  meaning: string;
  phase: SessionPhase;
  /** What is shown of the instance once it is told; null: what was told before holds. */
  status: InstanceStatus | null;
}

/** Where a session that this process has taken over can be in its life: all there are. */
export const SESSION_STATES = {
  owned: { meaning: 'taken over; nothing is dialled yet', phase: 'connecting', status: null },
  pairing: {
    meaning: 'a phone is to be linked; nothing is there to scan yet',
    phase: 'pairing',
    status: 'connecting',
  },
  scannable: {
    meaning: 'a phone is to be linked, and a QR is shown',
    phase: 'pairing',
    status: 'qr_pending',
  },
  connecting: { meaning: 'linked; it is dialled', phase: 'connecting', status: 'connecting' },
  online: { meaning: 'linked and on line', phase: 'connected', status: 'connected' },
  restarting: {
    meaning: 'WhatsApp asked for a new connection, which is made at once; nobody is told',
    phase: 'connecting',
    status: null,
  },
  waiting: {
    meaning: 'the line is lost; it is dialled after a pause',
    phase: 'waiting',
    status: 'connecting',
  },
  contesting: {
    meaning: 'another client logged in; whether the session is still ours is being found out',
    phase: 'connecting',
    status: 'connecting',
  },
  banned: {
    meaning: 'banned for a time, whose end is waited for',
    phase: 'waiting',
    status: 'disconnected',
  },
  probing: {
    meaning: 'the one attempt after a ban',
    phase: 'connecting',
    status: 'disconnected',
  },
  recovering: {
    meaning: 'what is in memory counts no more; the session is taken over anew',
    phase: 'connecting',
    status: 'connecting',
  },
  leaving_waiting: {
    meaning: 'the device is to be taken off the account; it is dialled after a pause',
    phase: 'waiting',
    status: 'disconnected',
  },
  leaving_connecting: {
    meaning: 'the device is to be taken off the account; it is dialled',
    phase: 'connecting',
    status: 'disconnected',
  },
  leaving_online: {
    meaning: 'WhatsApp is asked to take the device off the account',
    phase: 'connected',
    status: 'disconnected',
  },
  leaving_recovering: {
    meaning: 'the device is to be taken off the account; the session is taken over anew',
    phase: 'connecting',
    status: 'disconnected',
  },
  ended: { meaning: 'over in this process', phase: 'waiting', status: 'disconnected' },
} as const satisfies Record<string, StateMeaning>;

export type SessionState = keyof typeof SESSION_STATES;

/** @returns how the health page counts a session in this state */
export function phaseOf(state: SessionState): SessionPhase {
  return SESSION_STATES[state].phase;
}

/** @returns what is shown of an instance whose session is in this state; null: what was told before holds */
export function statusOf(state: SessionState): InstanceStatus | null {
  return SESSION_STATES[state].status;
}

/** @returns whether a phone is being linked, which people watch */
export function isPairing(state: SessionState): boolean {
  return phaseOf(state) === 'pairing';
}

/** @returns whether the instance is deleted, and its device is being taken off the account: nobody is told how its line does */
export function isLeaving(state: SessionState): boolean {
  return state.startsWith('leaving_');
}
