import type { proto } from '@whiskeysockets/baileys';
import type { MessageKinds } from './message-kind.js';

const NAMES_OF_A_CHOICE = ['display_text', 'title', 'description', 'text', 'id'];

/** Kinds that are words: typed, or chosen from what a business offered. */
export const TEXT_KINDS: MessageKinds = {
  conversation: { contentClass: 'text', describe: (text) => text },
  extendedTextMessage: {
    contentClass: 'text',
    describe: (m) => m.text || m.matchedText || m.title || m.description || '',
  },
  buttonsResponseMessage: {
    contentClass: 'text',
    describe: (m) => m.selectedDisplayText || m.selectedButtonId || '[button]',
  },
  templateButtonReplyMessage: {
    contentClass: 'text',
    describe: (m) => m.selectedDisplayText || m.selectedId || '[button]',
  },
  listResponseMessage: {
    contentClass: 'text',
    describe: (m) => m.title || m.singleSelectReply?.selectedRowId || m.description || '[list choice]',
  },
  interactiveResponseMessage: {
    contentClass: 'text',
    describe: (m) => m.body?.text || nativeFlowChoice(m.nativeFlowResponseMessage) || '[reply]',
  },
  buttonsMessage: { contentClass: 'text', describe: (m) => m.contentText || m.text || '[buttons]' },
  templateMessage: { contentClass: 'text', describe: templateText },
  highlyStructuredMessage: {
    contentClass: 'text',
    describe: (m) => (m.hydratedHsm && templateText(m.hydratedHsm)) || '[template]',
  },
  listMessage: {
    contentClass: 'text',
    describe: (m) => [m.title, m.description].filter(Boolean).join('\n') || '[list]',
  },
  interactiveMessage: { contentClass: 'text', describe: interactiveText },
  questionResponseMessage: { contentClass: 'text', describe: (m) => m.text || '[answer]' },
  statusQuestionAnswerMessage: { contentClass: 'text', describe: (m) => m.text || '[answer]' },
  statusQuotedMessage: { contentClass: 'text', describe: (m) => m.text || '[status quote]' },
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
