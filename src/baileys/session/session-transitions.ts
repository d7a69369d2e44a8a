import type { SessionState } from './session-state.js';

/** What can happen to a session: all there is. */
export const SESSION_EVENTS = {
  dial: 'it is wanted on line: by a person, a send, or the process that took it over',
  pair: 'a phone is to be linked',
  scannable: 'there is a QR to scan',
  linked: 'the phone has confirmed',
  pairing_failed: 'linking ended without a link',
  wrong_phone: 'a phone confirmed that has another number than the instance',
  opened: 'WhatsApp let it in',
  due: 'the pause is over: it is dialled',
  line_lost: 'the line ended in a way that passes',
  restart_asked: 'WhatsApp asked for a new connection',
  replaced: 'another client logged in with the same credentials',
  replaced_again: 'another client logged in once more, soon after the last time',
  banned_for_a_while: 'WhatsApp banned the number and said for how long',
  banned_again: 'WhatsApp banned it once more after a ban was waited for, or for too long',
  banned: 'WhatsApp banned the number for good',
  refused: 'WhatsApp refused the login for another reason that only a person can change',
  unlinked: 'WhatsApp removed the device',
  still_ours: 'the database took a write: no other process has taken the session over',
  storage_lost: 'the database did not take what the session wrote',
  taken_over: 'another process has taken the session over',
  unusable: 'nothing can be run with what is stored',
  reacquired: 'the session is taken over anew',
  reacquired_leaving: 'the session is taken over anew, and its device is to be taken off the account',
  leave: 'the instance was deleted: its device is to be taken off the account',
  removed: 'taking the device off the account is over, one way or another',
  close: 'this process ends it; the device stays linked',
} as const;

export type SessionEvent = keyof typeof SESSION_EVENTS;

/** What a session does when something happened: all there is. */
export const SESSION_EFFECTS = {
  dial: 'dials now',
  dialLater: 'dials after the pause that the failures so far ask for',
  dialAfterContest: 'dials once more after a fixed pause',
  dialAfterBan: 'dials when the ban is over',
  redial: 'dials at once, unless WhatsApp keeps asking for it',
  saveCredentials: 'stores the credentials where they changed',
  checkOwnership: 'stores the credentials anyway: the write is refused when another process has the session',
  takeOver: 'takes the session over anew, as soon as the database allows it',
  interruptPairing: 'takes the QR back',
  tellConnecting: 'says that it is coming on line',
  tellPairing: 'says that a phone is to be linked',
  tellScannable: 'says that there is a QR to scan',
  tellLinked: 'says that a phone is linked',
  tellConnected: 'says that it is on line',
  tellLost: 'says why the line is lost, once',
  tellBanned: 'says that the number is banned, and for how long',
  tellStruggling: 'says why it is not there yet',
  tellTripped: 'says that the line fails again and again, where it does',
  noteBan: 'keeps until when the number is banned',
  forgetLosses: 'forgets earlier losses',
  admitSends: 'lets messages leave',
  beginRemoval: 'sends nothing more, and asks WhatsApp to remove the device where the line is up',
  askRemoval: 'asks WhatsApp to remove the device',
  endKept: 'ends it with a reason; the credentials stay',
  endWiped: 'ends it with a reason; the credentials are deleted',
  endRemoved: 'ends it; how the removal ended is stored, and the credentials are deleted',
  endUnlinked: 'ends it as one whose device is removed',
  endBanned: 'ends it as one whose device can not be removed, the number being banned',
  endClosed: 'ends it; the caller closes the line politely',
  giveWay: 'ends it, and stores nothing more',
} as const;

export type SessionEffect = keyof typeof SESSION_EFFECTS;

export interface Transition {
  to: SessionState;
  effects: readonly SessionEffect[];
}

type Cells = Partial<Record<SessionEvent, Transition>>;

function go(to: SessionState, ...effects: SessionEffect[]): Transition {
  return { to, effects };
}

const CLOSE: Cells = { close: go('ended', 'endClosed') };

/** Ownership is lost while the session is linked. */
const STORAGE: Cells = {
  storage_lost: go('recovering', 'tellLost', 'takeOver'),
  taken_over: go('ended', 'giveWay'),
  unusable: go('ended', 'endKept'),
};

/** A line that was there, or was being made, is lost. */
const LOSSES: Cells = {
  line_lost: go('waiting', 'saveCredentials', 'tellLost', 'dialLater', 'tellTripped'),
  restart_asked: go('restarting', 'saveCredentials', 'checkOwnership'),
  replaced: go('contesting', 'saveCredentials', 'tellLost', 'checkOwnership'),
  replaced_again: go('ended', 'saveCredentials', 'endKept'),
  banned_for_a_while: go('banned', 'saveCredentials', 'tellBanned', 'dialAfterBan', 'noteBan'),
  banned_again: go('ended', 'saveCredentials', 'endKept'),
  banned: go('ended', 'saveCredentials', 'endKept'),
  refused: go('ended', 'saveCredentials', 'endKept'),
  unlinked: go('ended', 'saveCredentials', 'endWiped'),
};

const OPENED: Cells = { opened: go('online', 'tellConnected', 'forgetLosses', 'admitSends') };
const WANTED: Cells = { dial: go('connecting', 'tellConnecting', 'dial') };

const LINKING: Cells = {
  ...CLOSE,
  scannable: go('scannable', 'tellScannable'),
  linked: go('connecting', 'tellLinked'),
  line_lost: go('pairing', 'interruptPairing', 'tellStruggling', 'dialLater'),
  pairing_failed: go('ended', 'endKept'),
  wrong_phone: go('ended', 'endWiped'),
};

/** The device is to be taken off the account: little keeps it from trying again, and nothing is told but why it takes long. */
const LEAVING: Cells = {
  ...CLOSE,
  storage_lost: go('leaving_recovering', 'tellLost', 'takeOver'),
  taken_over: go('ended', 'giveWay'),
  unusable: go('ended', 'endKept'),
  removed: go('ended', 'endRemoved'),
};

const LEAVING_AGAIN = go('leaving_waiting', 'saveCredentials', 'tellLost', 'dialLater');
const LEAVING_AFTER_BAN = go('leaving_waiting', 'saveCredentials', 'tellLost', 'dialAfterBan', 'noteBan');
const LEAVING_LOSSES: Cells = {
  line_lost: LEAVING_AGAIN,
  restart_asked: go('leaving_connecting', 'saveCredentials', 'tellLost', 'checkOwnership'),
  replaced: LEAVING_AGAIN,
  replaced_again: LEAVING_AGAIN,
  banned_for_a_while: LEAVING_AFTER_BAN,
  banned_again: LEAVING_AFTER_BAN,
  banned: go('ended', 'saveCredentials', 'endBanned'),
  refused: LEAVING_AGAIN,
  unlinked: go('ended', 'saveCredentials', 'endUnlinked'),
};

/** The life of a session, from taking it over to its end in this process. What is not named changes nothing. */
export const TRANSITIONS: Record<SessionState, Cells> = {
  owned: {
    ...CLOSE,
    ...STORAGE,
    ...WANTED,
    pair: go('pairing', 'tellPairing', 'dial'),
    leave: go('leaving_waiting', 'beginRemoval'),
  },
  pairing: { ...LINKING, due: go('pairing') },
  scannable: LINKING,
  connecting: {
    ...CLOSE,
    ...STORAGE,
    ...LOSSES,
    ...OPENED,
    ...WANTED,
    leave: go('leaving_connecting', 'beginRemoval'),
  },
  online: { ...CLOSE, ...STORAGE, ...LOSSES, leave: go('leaving_online', 'beginRemoval') },
  restarting: {
    ...CLOSE,
    ...STORAGE,
    ...LOSSES,
    ...OPENED,
    still_ours: go('restarting', 'redial'),
    due: go('restarting'),
    dial: go('restarting', 'dial'),
    leave: go('leaving_connecting', 'beginRemoval'),
  },
  waiting: {
    ...CLOSE,
    ...STORAGE,
    ...WANTED,
    due: go('connecting'),
    leave: go('leaving_waiting', 'beginRemoval'),
  },
  contesting: {
    ...CLOSE,
    ...STORAGE,
    ...WANTED,
    still_ours: go('waiting', 'dialAfterContest'),
    leave: go('leaving_waiting', 'beginRemoval'),
  },
  banned: {
    ...CLOSE,
    ...STORAGE,
    ...WANTED,
    due: go('probing'),
    leave: go('leaving_waiting', 'beginRemoval'),
  },
  probing: {
    ...CLOSE,
    ...STORAGE,
    ...LOSSES,
    ...OPENED,
    ...WANTED,
    leave: go('leaving_connecting', 'beginRemoval'),
  },
  recovering: {
    ...CLOSE,
    reacquired: go('waiting', 'dialLater', 'tellTripped'),
    reacquired_leaving: go('leaving_waiting', 'beginRemoval'),
    taken_over: go('ended', 'giveWay'),
    unusable: go('ended', 'endKept'),
    leave: go('leaving_recovering', 'beginRemoval'),
  },
  leaving_waiting: {
    ...LEAVING,
    dial: go('leaving_connecting', 'dial'),
    due: go('leaving_connecting'),
  },
  leaving_connecting: {
    ...LEAVING,
    ...LEAVING_LOSSES,
    opened: go('leaving_online', 'forgetLosses', 'askRemoval'),
    still_ours: go('leaving_connecting', 'redial'),
    dial: go('leaving_connecting', 'dial'),
    due: go('leaving_connecting'),
  },
  leaving_online: { ...LEAVING, ...LEAVING_LOSSES },
  leaving_recovering: {
    ...CLOSE,
    // Another process has finished it meanwhile, and the instance may be linked anew.
    reacquired: go('ended', 'endKept'),
    reacquired_leaving: go('leaving_waiting'),
    taken_over: go('ended', 'giveWay'),
    unusable: go('ended', 'endKept'),
    removed: go('ended', 'endRemoved'),
  },
  ended: {},
};

/** @returns what follows when this happens to a session in this state; undefined: nothing, it stays as it is */
export function next(state: SessionState, event: SessionEvent): Transition | undefined {
  return TRANSITIONS[state][event];
}
