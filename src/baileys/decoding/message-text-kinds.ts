import type { proto } from '@whiskeysockets/baileys';
import type { MessageMetadata } from '../../common/message-types.js';
import { type ForeignObject, objectOf, parseForeign, textOf } from './foreign-json.js';
import type { MessageKinds } from './message-kind.js';
import { MENU_KINDS } from './message-menu-kinds.js';
import { lines } from './message-words.js';

type Reply = proto.Message.IInteractiveResponseMessage;

const NAMES_OF_A_CHOICE = ['display_text', 'title', 'description', 'text', 'id'];
/** What forms carry for themselves. */
const NOT_ANSWERS = new Set([
  ...NAMES_OF_A_CHOICE,
  'flow_token',
  'version',
  'wa_flow_response_params',
  'params',
]);
const MAX_ANSWERS = 100;
const MAX_ANSWER_LENGTH = 1_000;

/** Kinds that are words: typed, or chosen from what a business offered. */
export const TEXT_KINDS: MessageKinds = {
  conversation: { type: 'text', contentClass: 'text', describe: (text) => text },
  extendedTextMessage: {
    type: 'text',
    contentClass: 'text',
    describe: (m) => m.text || m.matchedText || m.title || m.description || '',
    metadata: linkPreview,
  },
  buttonsResponseMessage: {
    type: 'text',
    contentClass: 'text',
    describe: (m) => m.selectedDisplayText || m.selectedButtonId || '[button]',
    metadata: (m) => ({ selected: { id: m.selectedButtonId, text: m.selectedDisplayText } }),
  },
  templateButtonReplyMessage: {
    type: 'text',
    contentClass: 'text',
    describe: (m) => m.selectedDisplayText || m.selectedId || '[button]',
    metadata: (m) => ({
      selected: {
        id: m.selectedId,
        text: m.selectedDisplayText,
        index: m.selectedIndex,
        card: m.selectedCarouselCardIndex,
      },
    }),
  },
  listResponseMessage: {
    type: 'text',
    contentClass: 'text',
    describe: (m) => m.title || m.singleSelectReply?.selectedRowId || m.description || '[list choice]',
    metadata: (m) => ({
      selected: { id: m.singleSelectReply?.selectedRowId, text: m.title, description: m.description },
    }),
  },
  interactiveResponseMessage: {
    type: 'text',
    contentClass: 'text',
    describe: (m) => lines(choiceOf(m), answerLines(answersOf(m))) || '[reply]',
    metadata: (m) => {
      const params = paramsOf(m);
      const answers = answersOf(m);
      return {
        selected: { id: textOf(params, 'id'), text: textOf(params, ...NAMES_OF_A_CHOICE) },
        flow: m.nativeFlowResponseMessage?.name,
        ...(Object.keys(answers).length > 0 && { answers }),
      };
    },
  },
  ...MENU_KINDS,
  questionResponseMessage: { type: 'text', contentClass: 'text', describe: (m) => m.text || '[answer]' },
  statusQuestionAnswerMessage: { type: 'text', contentClass: 'text', describe: (m) => m.text || '[answer]' },
  statusQuotedMessage: { type: 'text', contentClass: 'text', describe: (m) => m.text || '[status quote]' },
};

function linkPreview(m: proto.Message.IExtendedTextMessage): MessageMetadata | undefined {
  if (!m.matchedText && !m.title) {
    return undefined;
  }
  return { link_preview: { url: m.matchedText, title: m.title, description: m.description } };
}

function paramsOf({ nativeFlowResponseMessage }: Reply): ForeignObject {
  return parseForeign(nativeFlowResponseMessage?.paramsJson);
}

function choiceOf(m: Reply): string | undefined {
  const name = m.nativeFlowResponseMessage?.name;
  return m.body?.text || textOf(paramsOf(m), ...NAMES_OF_A_CHOICE) || (name ? `[reply] ${name}` : undefined);
}

/** What was filled into a form, by the names of its fields. */
function answersOf(m: Reply): Record<string, string> {
  const { values, ...others } = paramsOf(m);
  const answers = Object.entries({ ...others, ...objectOf(values) })
    .filter(([name]) => !NOT_ANSWERS.has(name))
    .slice(0, MAX_ANSWERS)
    .map(([name, value]) => [fieldName(name), answerText(value)] as const);
  return Object.fromEntries(answers.filter(([, text]) => text !== ''));
}

function answerLines(answers: Record<string, string>): string {
  return lines(...Object.entries(answers).map(([name, value]) => `${name}: ${value}`));
}

/** Forms number their screens and fields: `screen_0_Name_1`. */
function fieldName(name: string): string {
  return name.replace(/^screen_\d{1,3}_/, '').replace(/_\d{1,3}$/, '') || name;
}

function answerText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.slice(0, MAX_ANSWER_LENGTH);
}
