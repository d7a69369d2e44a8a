import type { proto } from '@whiskeysockets/baileys';
import type { MessageKinds } from './message-kind.js';

const NAMES_OF_A_CHOICE = ['display_text', 'title', 'description', 'text', 'id'];

/** Kinds that are words: typed, or chosen from what a business offered. */
export const TEXT_KINDS: MessageKinds = {
  conversation: { type: 'text', contentClass: 'text', describe: (text) => text },
  extendedTextMessage: {
    type: 'text',
    contentClass: 'text',
    describe: (m) => m.text || m.matchedText || m.title || m.description || '',
  },
  buttonsResponseMessage: {
    type: 'text',
    contentClass: 'text',
    describe: (m) => m.selectedDisplayText || m.selectedButtonId || '[button]',
  },
  templateButtonReplyMessage: {
    type: 'text',
    contentClass: 'text',
    describe: (m) => m.selectedDisplayText || m.selectedId || '[button]',
  },
  listResponseMessage: {
    type: 'text',
    contentClass: 'text',
    describe: (m) => m.title || m.singleSelectReply?.selectedRowId || m.description || '[list choice]',
  },
  interactiveResponseMessage: {
    type: 'text',
    contentClass: 'text',
    describe: (m) => m.body?.text || nativeFlowChoice(m.nativeFlowResponseMessage) || '[reply]',
  },
  buttonsMessage: {
    type: 'text',
    contentClass: 'text',
    describe: (m) => m.contentText || m.text || '[buttons]',
  },
  templateMessage: { type: 'text', contentClass: 'text', describe: templateText },
  highlyStructuredMessage: {
    type: 'text',
    contentClass: 'text',
    describe: (m) => (m.hydratedHsm && templateText(m.hydratedHsm)) || '[template]',
  },
  listMessage: {
    type: 'text',
    contentClass: 'text',
    describe: (m) => [m.title, m.description].filter(Boolean).join('\n') || '[list]',
  },
  interactiveMessage: { type: 'text', contentClass: 'text', describe: interactiveText },
  questionResponseMessage: { type: 'text', contentClass: 'text', describe: (m) => m.text || '[answer]' },
  statusQuestionAnswerMessage: { type: 'text', contentClass: 'text', describe: (m) => m.text || '[answer]' },
  statusQuotedMessage: { type: 'text', contentClass: 'text', describe: (m) => m.text || '[status quote]' },
};

function templateText(m: proto.Message.ITemplateMessage): string {
  const hydrated = m.hydratedTemplate ?? m.hydratedFourRowTemplate;
  return (
    hydrated?.hydratedContentText ||
    hydrated?.hydratedTitleText ||
    (m.interactiveMessageTemplate && interactiveText(m.interactiveMessageTemplate)) ||
    '[template]'
  );
}

function interactiveText(m: proto.Message.IInteractiveMessage): string {
  return m.body?.text || m.header?.title || m.footer?.text || '[interactive message]';
}

/** The parameters are JSON that the sender wrote: whatever it is, it must not throw. */
function nativeFlowChoice(
  flow: proto.Message.InteractiveResponseMessage.INativeFlowResponseMessage | null | undefined,
): string | undefined {
  const params = parseObject(flow?.paramsJson ?? '');
  const choice = NAMES_OF_A_CHOICE.map((name) => params[name]).find(
    (value) => typeof value === 'string' && value,
  );
  return typeof choice === 'string' ? choice : flow?.name ? `[reply] ${flow.name}` : undefined;
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
