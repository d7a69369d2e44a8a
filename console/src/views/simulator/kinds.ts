import type { messages } from './messages.ts';

type Text = keyof (typeof messages)['en'];

/** One thing that is asked for before a message of some kind is written. */
interface KindField {
  name: string;
  label: Text;
  type?: 'text' | 'number' | 'file' | 'lines';
  /** What stands there at first, so that one press writes a sample. */
  initial?: string;
}

/** What was filled in: text by the name of its field, and the file, if one was chosen. */
export interface KindValues {
  text: (name: string) => string;
  number: (name: string) => number;
  lines: (name: string) => string[];
  /** Fields of a file; none for the sample of the network. */
  file: object;
  fileName: string | undefined;
}

export interface Kind {
  id: string;
  label: Text;
  fields: readonly KindField[];
  /** What the phone writes, as the simulator's control API takes it. */
  content: (values: KindValues) => object;
}

const FILE: KindField = { name: 'file', label: 'file', type: 'file' };
const CAPTION: KindField = { name: 'caption', label: 'caption' };
const PLACE: readonly KindField[] = [
  { name: 'latitude', label: 'latitude', type: 'number', initial: '-23.5614' },
  { name: 'longitude', label: 'longitude', type: 'number', initial: '-46.6559' },
];
const PRICE: readonly KindField[] = [
  { name: 'price', label: 'price', type: 'number', initial: '89.90' },
  { name: 'currency', label: 'currency', initial: 'BRL' },
];
const amount1000 = ({ number }: KindValues) => Math.round(number('price') * 1000);
const aId = () => String(Math.floor(Math.random() * 1e9));

/** Every kind of message that a phone can write beside a text. */
export const KINDS: readonly Kind[] = [
  {
    id: 'image',
    label: 'image',
    fields: [FILE, CAPTION],
    content: ({ file, text }) => ({ image: { ...file, caption: text('caption') } }),
  },
  {
    id: 'video',
    label: 'video',
    fields: [FILE, CAPTION],
    content: ({ file, text }) => ({ video: { ...file, caption: text('caption') } }),
  },
  {
    id: 'gif',
    label: 'gif',
    fields: [FILE, CAPTION],
    content: ({ file, text }) => ({ video: { ...file, caption: text('caption'), gif: true } }),
  },
  {
    id: 'videoNote',
    label: 'videoNote',
    fields: [FILE],
    content: ({ file }) => ({ video: { ...file, round: true } }),
  },
  {
    id: 'voice',
    label: 'voice',
    fields: [FILE, { name: 'seconds', label: 'seconds', type: 'number', initial: '3' }],
    content: ({ file, number }) => ({ audio: { ...file, seconds: number('seconds'), ptt: true } }),
  },
  {
    id: 'audio',
    label: 'audio',
    fields: [FILE],
    content: ({ file }) => ({ audio: { ...file, ptt: false } }),
  },
  {
    id: 'document',
    label: 'document',
    fields: [FILE, CAPTION],
    content: ({ file, fileName, text }) => ({
      document: { ...file, fileName: fileName ?? 'Sample.pdf', caption: text('caption') },
    }),
  },
  { id: 'sticker', label: 'sticker', fields: [FILE], content: ({ file }) => ({ sticker: { ...file } }) },
  {
    id: 'album',
    label: 'album',
    fields: [
      { name: 'images', label: 'pictures', type: 'number', initial: '2' },
      { name: 'videos', label: 'videos', type: 'number', initial: '0' },
    ],
    content: ({ number }) => ({ album: { images: number('images'), videos: number('videos') } }),
  },
  {
    id: 'location',
    label: 'location',
    fields: [
      ...PLACE,
      { name: 'name', label: 'name', initial: 'MASP' },
      { name: 'address', label: 'address', initial: 'Avenida Paulista, 1578' },
    ],
    content: ({ number, text }) => ({
      location: {
        latitude: number('latitude'),
        longitude: number('longitude'),
        name: text('name'),
        address: text('address'),
      },
    }),
  },
  {
    id: 'liveLocation',
    label: 'liveLocation',
    fields: [...PLACE, CAPTION],
    content: ({ number, text }) => ({
      liveLocation: {
        latitude: number('latitude'),
        longitude: number('longitude'),
        caption: text('caption'),
      },
    }),
  },
  {
    id: 'contact',
    label: 'contact',
    fields: [
      { name: 'name', label: 'name', initial: 'Bruno Souza' },
      { name: 'number', label: 'number', initial: '+5511977776666' },
    ],
    content: ({ text }) => ({ contact: card(text('name'), text('number')) }),
  },
  {
    id: 'contacts',
    label: 'contacts',
    fields: [{ name: 'names', label: 'names', type: 'lines', initial: 'Bruno Souza\nCarla Dias' }],
    content: ({ lines }) => ({
      contacts: lines('names').map((name, at) => card(name, `+55119777766${10 + at}`)),
    }),
  },
  {
    id: 'poll',
    label: 'poll',
    fields: [
      { name: 'question', label: 'question', initial: '?' },
      { name: 'options', label: 'options', type: 'lines', initial: '10:00\n14:00' },
      { name: 'selectable', label: 'selectable', type: 'number', initial: '1' },
    ],
    content: ({ text, lines, number }) => ({
      poll: { question: text('question'), options: lines('options'), selectable: number('selectable') },
    }),
  },
  {
    id: 'event',
    label: 'event',
    fields: [
      { name: 'name', label: 'name', initial: 'Open day' },
      { name: 'description', label: 'description' },
    ],
    content: ({ text }) => ({ event: { name: text('name'), description: text('description') } }),
  },
  {
    id: 'product',
    label: 'product',
    fields: [{ name: 'title', label: 'name', initial: 'Shampoo' }, ...PRICE],
    content: (values) => ({
      product: {
        id: aId(),
        title: values.text('title'),
        amount1000: amount1000(values),
        currency: values.text('currency'),
      },
    }),
  },
  {
    id: 'order',
    label: 'order',
    fields: [
      { name: 'title', label: 'name', initial: 'Order' },
      { name: 'items', label: 'items', type: 'number', initial: '2' },
      ...PRICE,
    ],
    content: (values) => ({
      order: {
        id: aId(),
        title: values.text('title'),
        items: values.number('items'),
        amount1000: amount1000(values),
        currency: values.text('currency'),
      },
    }),
  },
  {
    id: 'payment',
    label: 'payment',
    fields: [...PRICE, { name: 'note', label: 'note' }],
    content: (values) => ({
      payment: {
        amount1000: amount1000(values),
        currency: values.text('currency'),
        note: values.text('note'),
      },
    }),
  },
  {
    id: 'invite',
    label: 'invite',
    fields: [{ name: 'name', label: 'subject', initial: 'Neighbours' }],
    content: ({ text }) => ({
      invite: { group: '120363000000000001@g.us', name: text('name'), code: `${aId()}${aId()}` },
    }),
  },
  {
    id: 'buttonReply',
    label: 'buttonReply',
    fields: [{ name: 'text', label: 'text', initial: 'OK' }],
    content: ({ text }) => ({ buttonReply: { id: '1', text: text('text') } }),
  },
  {
    id: 'listReply',
    label: 'listReply',
    fields: [{ name: 'title', label: 'text', initial: '10:00' }],
    content: ({ text }) => ({ listReply: { id: '1', title: text('title') } }),
  },
];

function card(displayName: string, number: string): object {
  const digits = number.replaceAll(/\D/g, '');
  const vcard = [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `FN:${displayName}`,
    `TEL;type=CELL;waid=${digits}:+${digits}`,
    'END:VCARD',
  ].join('\n');
  return { displayName, vcard };
}
