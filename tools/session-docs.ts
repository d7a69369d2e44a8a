import {
  type DisconnectAction,
  type DisconnectCause,
  DISCONNECT_REASONS,
  LINE_ENDS,
  lineEnd,
  PAIRING_ENDS,
} from '../src/common/disconnect-reasons.js';
import { SESSION_STATES, type SessionState } from '../src/baileys/session/session-state.js';
import {
  SESSION_EFFECTS,
  SESSION_EVENTS,
  type SessionEvent,
  TRANSITIONS,
} from '../src/baileys/session/session-transitions.js';

const STATES = Object.keys(SESSION_STATES) as SessionState[];
const EVENTS = Object.keys(SESSION_EVENTS) as SessionEvent[];
/** Nearly every state has them, and all lead to the end: arrows for them would hide the others. */
const NOT_DRAWN: SessionEvent[] = ['close', 'taken_over', 'unusable'];

/** What the service does when the line of a linked number ended. */
const ACTIONS: Record<DisconnectAction, string> = {
  restart: 'dials at once',
  retry: 'dials again',
  contest: 'dials once more',
  pause: 'dials when it is over',
  stop: 'waits for a person',
  wipe: 'deletes the credentials',
};

function actionOf(cause: DisconnectCause): string {
  const { action, codes } = lineEnd(cause);
  const word = cause === 'temporarily_banned' ? `${ACTIONS.pause}, or ${ACTIONS.stop}` : ACTIONS[action];
  return codes.length === 0 ? word : `${word} (${codes.join(', ')})`;
}

/** The parts of the page that are written from the table, by the name in the comment before them. */
const PARTS: Record<string, () => string> = {
  diagram,
  states: () =>
    table(
      ['state', 'what it is', 'the instance shows', 'counted as'],
      STATES.map((state) => {
        const { meaning, status, phase } = SESSION_STATES[state];
        return [code(state), meaning, status === null ? 'as before' : code(status), code(phase)];
      }),
    ),
  events: () =>
    table(
      ['event', 'what happened'],
      EVENTS.map((event) => [code(event), SESSION_EVENTS[event]]),
    ),
  transitions: () => EVENTS.flatMap(transitionsOf).join('\n'),
  effects: () =>
    table(
      ['effect', 'the session'],
      Object.entries(SESSION_EFFECTS).map(([effect, meaning]) => [code(effect), meaning]),
    ),
  reasons: () =>
    table(
      ['reason', 'what it says', 'of a linked number', 'linking ends with it'],
      Object.entries(DISCONNECT_REASONS).map(([reason, sentence]) => [
        code(reason),
        sentence,
        Object.hasOwn(LINE_ENDS, reason) ? actionOf(reason as DisconnectCause) : '',
        Object.hasOwn(PAIRING_ENDS, reason) ? 'yes' : '',
      ]),
    ),
};

/**
 * @param page as it is
 * @returns it with every part as the table has it now; to be formatted
 * @throws Error where it has no place for a part
 */
export function sessionPage(page: string): string {
  return Object.entries(PARTS).reduce((text, [name, write]) => {
    const place = new RegExp(`(<!-- ${name}: .*-->\n)[^]*?(\n<!-- end -->)`);
    if (!place.test(text)) {
      throw new Error(`the page has no place for ${name}`);
    }
    return text.replace(place, (_all, begin: string, end: string) => `${begin}\n${write()}\n${end}`);
  }, page);
}

/** One arrow for all events that lead from one state to another. */
function diagram(): string {
  const arrows = STATES.flatMap((from) =>
    STATES.flatMap((to) => {
      const events = EVENTS.filter(
        (event) => TRANSITIONS[from][event]?.to === to && from !== to && !NOT_DRAWN.includes(event),
      );
      return events.length > 0 ? [`    ${from} --> ${to}: ${events.join('<br>')}`] : [];
    }),
  );
  const lines = ['stateDiagram-v2', '    [*] --> owned', ...arrows, '    ended --> [*]'];
  return ['```mermaid', ...lines, '```'].join('\n');
}

/** @returns a line for each way in which an event is taken, with all states that take it so */
function transitionsOf(event: SessionEvent): string[] {
  const ways = new Map<string, SessionState[]>();
  for (const from of STATES) {
    const step = TRANSITIONS[from][event];
    if (step) {
      const effects = step.effects.map(code).join(', ');
      const way = `→ ${code(step.to)}${effects && `: ${effects}`}`;
      ways.set(way, [...(ways.get(way) ?? []), from]);
    }
  }
  return [`- ${code(event)}`, ...[...ways].map(([way, from]) => `  - ${named(from)} ${way}`)];
}

/** Of most of them, those that are missing. */
function named(states: SessionState[]): string {
  const others = STATES.filter((state) => !states.includes(state)).map(code);
  return others.length < states.length ? `all but ${others.join(', ')}` : states.map(code).join(', ');
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
