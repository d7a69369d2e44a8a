import type { proto } from '@whiskeysockets/baileys';
import type { MediaReference } from '../../common/media-reference.js';
import type { MessageMetadata } from '../../common/message-types.js';
import { mediaOf } from './media-references.js';
import {
  buttonLines,
  flowButtons,
  listRows,
  type MenuButton,
  type MenuRow,
  plainButtons,
  rowLines,
  templateButtons,
} from './menu-buttons.js';
import type { MessageKinds } from './message-kind.js';
import { lines } from './message-words.js';

/** What is above the buttons, if it is no text. */
interface Header {
  imageMessage?: proto.Message.IImageMessage | null;
  videoMessage?: proto.Message.IVideoMessage | null;
  documentMessage?: proto.Message.IDocumentMessage | null;
}

/** A menu of any kind. */
interface Menu {
  title?: string | null | undefined;
  body?: string | null | undefined;
  footer?: string | null | undefined;
  buttons: MenuButton[];
  rows?: MenuRow[];
  products?: string[];
  cards?: Menu[];
  header?: Header | null | undefined;
}

const MAX_CARDS = 20;
const MAX_PRODUCTS = 100;

/** Kinds in which a business offers something to choose. */
export const MENU_KINDS: MessageKinds = {
  buttonsMessage: menuKind(buttonsMenu, '[buttons]'),
  templateMessage: menuKind(templateMenu, '[template]'),
  highlyStructuredMessage: menuKind(
    (m: proto.Message.IHighlyStructuredMessage) =>
      m.hydratedHsm ? templateMenu(m.hydratedHsm) : structuredMenu(m),
    '[template]',
  ),
  listMessage: menuKind(listMenu, '[list]'),
  interactiveMessage: menuKind(interactiveMenu, '[interactive message]'),
};

function menuKind<Content>(read: (content: Content) => Menu, label: string) {
  return {
    type: 'text',
    contentClass: 'text',
    describe: (content: Content) => menuText(read(content)) || label,
    metadata: (content: Content) => menuMetadata(read(content)),
    media: (content: Content) => headerMedia(read(content).header),
  } as const;
}

function menuText({ title, body, footer, buttons, rows, products, cards }: Menu): string {
  return lines(
    title,
    body,
    footer,
    buttonLines(buttons),
    rows && rowLines(rows),
    products && lines(...products.map((product) => `- ${product}`)),
    ...(cards ?? []).map(menuText),
  );
}

function menuMetadata({ title, body, footer, buttons, rows, products, cards }: Menu): MessageMetadata {
  return {
    title,
    body,
    footer,
    ...(buttons.length > 0 && { buttons }),
    ...(rows && rows.length > 0 && { rows }),
    ...(products && products.length > 0 && { products }),
    ...(cards && cards.length > 0 && { cards: cards.map(menuMetadata) }),
  };
}

function headerMedia(header: Header | null | undefined): MediaReference | undefined {
  return (
    (header?.imageMessage && mediaOf('image', header.imageMessage)) ??
    (header?.videoMessage && mediaOf('video', header.videoMessage)) ??
    (header?.documentMessage && mediaOf('document', header.documentMessage)) ??
    undefined
  );
}

function buttonsMenu(m: proto.Message.IButtonsMessage): Menu {
  return {
    title: m.text,
    body: m.contentText,
    footer: m.footerText,
    buttons: plainButtons(m.buttons),
    header: m,
  };
}

function templateMenu(m: proto.Message.ITemplateMessage): Menu {
  const hydrated = m.hydratedTemplate ?? m.hydratedFourRowTemplate;
  if (hydrated) {
    return {
      title: hydrated.hydratedTitleText,
      body: hydrated.hydratedContentText,
      footer: hydrated.hydratedFooterText,
      buttons: templateButtons(hydrated.hydratedButtons),
      header: hydrated,
    };
  }
  if (m.interactiveMessageTemplate) {
    return interactiveMenu(m.interactiveMessageTemplate);
  }
  const { content, highlyStructuredMessage, footer } = m.fourRowTemplate ?? {};
  const words = content ?? highlyStructuredMessage;
  return { body: words && structuredText(words), footer: footer && structuredText(footer), buttons: [] };
}

function structuredMenu(m: proto.Message.IHighlyStructuredMessage): Menu {
  return { body: structuredText(m), buttons: [] };
}

/** Only the sender's business knows the words around the parameters. */
function structuredText({ elementName, params }: proto.Message.IHighlyStructuredMessage): string {
  return lines(elementName, ...(params ?? []).slice(0, MAX_CARDS));
}

function listMenu(m: proto.Message.IListMessage): Menu {
  const products = (m.productListInfo?.productSections ?? [])
    .flatMap(({ products: some }) => (some ?? []).map(({ productId }) => productId ?? ''))
    .slice(0, MAX_PRODUCTS);
  return {
    title: m.title,
    body: m.description,
    footer: m.footerText,
    buttons: [],
    rows: listRows(m.sections),
    products,
  };
}

function interactiveMenu(m: proto.Message.IInteractiveMessage): Menu {
  return { ...cardMenu(m), cards: (m.carouselMessage?.cards ?? []).slice(0, MAX_CARDS).map(cardMenu) };
}

/** Cards of a carousel are messages themselves: those within them are not read. */
function cardMenu(m: proto.Message.IInteractiveMessage): Menu {
  return {
    title: lines(m.header?.title, m.header?.subtitle) || m.header?.productMessage?.product?.title,
    body: m.body?.text,
    footer: m.footer?.text,
    buttons: flowButtons(m.nativeFlowMessage),
    header: m.header,
  };
}
