import { describe, expect, it } from 'vitest';
import { isLeaving, SESSION_STATES, type SessionState, statusOf } from './session-state.js';
import {
  next,
  SESSION_EFFECTS,
  SESSION_EVENTS,
  type SessionEffect,
  type SessionEvent,
} from './session-transitions.js';

const STATES = Object.keys(SESSION_STATES) as SessionState[];
const EVENTS = Object.keys(SESSION_EVENTS) as SessionEvent[];

const LOSSES =
  'line_lost>waiting restart_asked>restarting replaced>contesting replaced_again>ended banned_for_a_while>banned ' +
  'banned_again>ended banned>ended refused>ended unlinked>ended';
const STORAGE = 'storage_lost>recovering taken_over>ended unusable>ended';
const LEAVING = 'close>ended storage_lost>leaving_recovering taken_over>ended unusable>ended removed>ended';
const LEAVING_LOSSES =
  'line_lost>leaving_waiting restart_asked>leaving_connecting replaced>leaving_waiting replaced_again>leaving_waiting ' +
  'banned_for_a_while>leaving_waiting banned_again>leaving_waiting banned>ended refused>leaving_waiting unlinked>ended';
const LINKING =
  'close>ended scannable>scannable linked>connecting line_lost>pairing pairing_failed>ended wrong_phone>ended';

/** What leads where. All other events change nothing. */
const LIFE: Record<SessionState, string> = {
  owned: `close>ended ${STORAGE} dial>connecting pair>pairing leave>leaving_waiting`,
  pairing: `${LINKING} due>pairing`,
  scannable: LINKING,
  connecting: `close>ended ${STORAGE} ${LOSSES} opened>online dial>connecting leave>leaving_connecting`,
  online: `close>ended ${STORAGE} ${LOSSES} leave>leaving_online`,
  restarting: `close>ended ${STORAGE} ${LOSSES} opened>online dial>restarting due>restarting still_ours>restarting leave>leaving_connecting`,
  waiting: `close>ended ${STORAGE} dial>connecting due>connecting leave>leaving_waiting`,
  contesting: `close>ended ${STORAGE} dial>connecting still_ours>waiting leave>leaving_waiting`,
  banned: `close>ended ${STORAGE} dial>connecting due>probing leave>leaving_waiting`,
  probing: `close>ended ${STORAGE} ${LOSSES} opened>online dial>connecting leave>leaving_connecting`,
  recovering:
    'close>ended reacquired>waiting reacquired_leaving>leaving_waiting taken_over>ended unusable>ended leave>leaving_recovering',
  leaving_waiting: `${LEAVING} dial>leaving_connecting due>leaving_connecting`,
  leaving_connecting: `${LEAVING} ${LEAVING_LOSSES} opened>leaving_online dial>leaving_connecting due>leaving_connecting still_ours>leaving_connecting`,
  leaving_online: `${LEAVING} ${LEAVING_LOSSES}`,
  leaving_recovering:
    'close>ended reacquired>ended reacquired_leaving>leaving_waiting taken_over>ended unusable>ended removed>ended',
  ended: '',
};

const ALL = STATES.flatMap((state) =>
  EVENTS.flatMap((event) => {
    const step = next(state, event);
    return step ? [{ from: state, event, ...step }] : [];
  }),
);
const ENDS: SessionEffect[] = [
  'endKept',
  'endWiped',
  'endRemoved',
  'endUnlinked',
  'endBanned',
  'endClosed',
  'giveWay',
];

function reachedFrom(start: SessionState, steps = ALL): Set<SessionState> {
  const reached = new Set([start]);
  for (const state of reached) {
    steps.filter(({ from }) => from === state).forEach(({ to }) => reached.add(to));
  }
  return reached;
}

describe('the life of a session', () => {
  describe.each(STATES)('from %s', (state) => {
    const leadsTo = new Map(
      LIFE[state].split(' ').map((step) => step.split('>') as [SessionEvent, SessionState]),
    );

    it.each(EVENTS)('after %s', (event) => {
      expect(next(state, event)?.to).toBe(leadsTo.get(event));
    });
  });

  it('can come to each state, and from each to its end', () => {
    expect([...reachedFrom('owned')].sort()).toEqual([...STATES].sort());
    for (const state of STATES) {
      expect(reachedFrom(state), state).toContain('ended');
    }
  });

  it('stops nowhere but at its end, and can always be closed', () => {
    for (const state of STATES.filter((name) => name !== 'ended')) {
      const exits = ALL.filter(({ from, to, event }) => from === state && to !== state && event !== 'close');
      expect(exits, state).not.toEqual([]);
      expect(next(state, 'close')).toEqual({ to: 'ended', effects: ['endClosed'] });
    }
    expect(ALL.filter(({ from }) => from === 'ended')).toEqual([]);
  });

  it('ends in one way, after everything else that the event asks for', () => {
    for (const { to, effects, from, event } of ALL) {
      const ends = effects.filter((effect) => ENDS.includes(effect));
      const name = `${from} ${event}`;
      expect(ends, name).toEqual(to === 'ended' ? [effects.at(-1)] : []);
    }
  });

  it('once asked to leave goes on with it until the end', () => {
    for (const { from, to } of ALL.filter((step) => isLeaving(step.from))) {
      expect(isLeaving(to) || to === 'ended', `${from} to ${to}`).toBe(true);
    }
  });

  it('makes sure that something follows where it waits', () => {
    const starts: Partial<Record<SessionState, SessionEffect[]>> = {
      waiting: ['dialLater', 'dialAfterContest'],
      banned: ['dialAfterBan'],
      contesting: ['checkOwnership'],
      recovering: ['takeOver'],
      leaving_recovering: ['takeOver'],
    };
    // Whoever asks for it to leave in the midst of that finds it begun.
    const idle = ALL.filter(({ from, to, event }) => from !== to && event !== 'leave').filter(
      ({ to, effects }) => starts[to] && !effects.some((effect) => starts[to]?.includes(effect)),
    );

    expect(idle).toEqual([]);
  });

  it('shows an instance as connected in one state only', () => {
    expect(STATES.filter((state) => statusOf(state) === 'connected')).toEqual(['online']);
  });

  it('names no effect that nothing has', () => {
    const used = new Set(ALL.flatMap(({ effects }) => effects));

    expect([...used].sort()).toEqual(Object.keys(SESSION_EFFECTS).sort());
    expect([...new Set(ALL.map(({ event }) => event))].sort()).toEqual([...EVENTS].sort());
  });
});
