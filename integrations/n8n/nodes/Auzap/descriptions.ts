import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

type Shown = Record<string, string[]>;

function operations(resource: string, options: INodePropertyOptions[]): INodeProperties {
  return {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    displayOptions: { show: { resource: [resource] } },
    options,
    default: options[0]!.value as string,
  };
}

function id(displayName: string, name: string, show: Shown): INodeProperties {
  return { displayName, name, type: 'string', default: '', required: true, displayOptions: { show } };
}

function lists(): INodeProperties[] {
  const show = { operation: ['getAll'] };
  return [
    {
      displayName: 'Return All',
      name: 'returnAll',
      type: 'boolean',
      default: false,
      description: 'Whether to return all results or only up to a given limit',
      displayOptions: { show },
    },
    {
      displayName: 'Limit',
      name: 'limit',
      type: 'number',
      typeOptions: { minValue: 1 },
      default: 50,
      description: 'Max number of results to return',
      displayOptions: { show: { ...show, returnAll: [false] } },
    },
  ];
}

function filters(resource: string, options: INodeProperties[]): INodeProperties {
  return {
    displayName: 'Filters',
    name: 'filters',
    type: 'collection',
    placeholder: 'Add Filter',
    default: {},
    displayOptions: { show: { resource: [resource], operation: ['getAll'] } },
    options,
  };
}

const text = (displayName: string, name: string, description?: string): INodeProperties => ({
  displayName,
  name,
  type: 'string',
  default: '',
  ...(description !== undefined && { description }),
});
const time = (displayName: string, name: string): INodeProperties => ({
  displayName,
  name,
  type: 'dateTime',
  default: '',
});

const BOOKING_STATUSES: INodePropertyOptions[] = [
  { name: 'Cancelled', value: 'cancelled' },
  { name: 'Completed', value: 'completed' },
  { name: 'Confirmed', value: 'confirmed' },
  { name: 'Pending', value: 'pending' },
];

/** What is asked of a person who uses the node, by resource and operation. */
export const properties: INodeProperties[] = [
  {
    displayName: 'Resource',
    name: 'resource',
    type: 'options',
    noDataExpression: true,
    options: [
      { name: 'Booking', value: 'booking' },
      { name: 'Contact', value: 'contact' },
      { name: 'Conversation', value: 'conversation' },
      { name: 'Message', value: 'message' },
    ],
    default: 'message',
  },
  operations('message', [
    { name: 'Send', value: 'send', description: 'Send a text', action: 'Send a message' },
    { name: 'Send File', value: 'sendFile', description: 'Send a file from a URL', action: 'Send a file' },
    { name: 'Get', value: 'get', description: 'Get one message', action: 'Get a message' },
    {
      name: 'Get Many',
      value: 'getAll',
      description: 'Get messages, the newest first',
      action: 'Get many messages',
    },
  ]),
  operations('conversation', [
    {
      name: 'Get Many',
      value: 'getAll',
      description: 'Get contacts by their last message',
      action: 'Get many conversations',
    },
  ]),
  operations('contact', [
    { name: 'Get', value: 'get', description: 'Get one contact', action: 'Get a contact' },
    { name: 'Get Many', value: 'getAll', description: 'Get contacts', action: 'Get many contacts' },
  ]),
  operations('booking', [
    {
      name: 'Create',
      value: 'create',
      description: 'Make a booking of a contact',
      action: 'Create a booking',
    },
    { name: 'Get', value: 'get', description: 'Get one booking', action: 'Get a booking' },
    { name: 'Get Many', value: 'getAll', description: 'Get bookings', action: 'Get many bookings' },
    {
      name: 'Set Status',
      value: 'setStatus',
      description: 'Confirm, complete or cancel a booking',
      action: 'Set the status of a booking',
    },
  ]),

  {
    displayName: 'Number Name or ID',
    name: 'instanceId',
    type: 'options',
    typeOptions: { loadOptionsMethod: 'getInstances' },
    default: '',
    required: true,
    description:
      'The number that sends. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
    displayOptions: { show: { resource: ['message'], operation: ['send', 'sendFile'] } },
  },
  {
    displayName: 'To',
    name: 'to',
    type: 'string',
    default: '',
    required: true,
    placeholder: '5511999887766',
    description: 'Phone number with country code, digits only; or “from” of an event',
    displayOptions: { show: { resource: ['message'], operation: ['send', 'sendFile'] } },
  },
  {
    displayName: 'Text',
    name: 'text',
    type: 'string',
    typeOptions: { rows: 4 },
    default: '',
    required: true,
    displayOptions: { show: { resource: ['message'], operation: ['send'] } },
  },
  {
    displayName: 'File Type',
    name: 'fileType',
    type: 'options',
    options: [
      { name: 'Audio', value: 'audio' },
      { name: 'Document', value: 'document' },
      { name: 'Image', value: 'image' },
      { name: 'Sticker', value: 'sticker' },
      { name: 'Video', value: 'video' },
      { name: 'Voice', value: 'voice' },
    ],
    default: 'document',
    displayOptions: { show: { resource: ['message'], operation: ['sendFile'] } },
  },
  {
    displayName: 'File URL',
    name: 'fileUrl',
    type: 'string',
    default: '',
    required: true,
    description: 'A public address that the service fetches the file from',
    displayOptions: { show: { resource: ['message'], operation: ['sendFile'] } },
  },
  {
    displayName: 'Additional Fields',
    name: 'additionalFields',
    type: 'collection',
    placeholder: 'Add Field',
    default: {},
    displayOptions: { show: { resource: ['message'], operation: ['send', 'sendFile'] } },
    options: [
      text('Caption', 'caption', 'Text below a file'),
      text('File Name', 'file_name'),
      text(
        'Idempotency Key',
        'idempotencyKey',
        'Calls under one key send one message. Without it each item of each run of the node has a key of its own, so that a retry of n8n sends nothing twice.',
      ),
      text('Reply To', 'reply_to', 'ID of the message that is answered'),
    ],
  },

  id('Message ID', 'messageId', { resource: ['message'], operation: ['get'] }),
  id('Contact ID', 'contactId', { resource: ['contact'], operation: ['get'] }),
  id('Contact ID', 'contactId', { resource: ['booking'], operation: ['create'] }),
  id('Booking ID', 'bookingId', { resource: ['booking'], operation: ['get', 'setStatus'] }),
  {
    displayName: 'Status',
    name: 'status',
    type: 'options',
    options: BOOKING_STATUSES.filter(({ value }) => value !== 'pending'),
    default: 'confirmed',
    displayOptions: { show: { resource: ['booking'], operation: ['setStatus'] } },
  },
  {
    displayName: 'Booking Fields',
    name: 'bookingFields',
    type: 'collection',
    placeholder: 'Add Field',
    default: {},
    displayOptions: { show: { resource: ['booking'], operation: ['create'] } },
    options: [
      time('Ends At', 'ends_at'),
      text('Notes', 'notes'),
      time('Starts At', 'starts_at'),
      {
        displayName: 'Status',
        name: 'status',
        type: 'options',
        options: BOOKING_STATUSES.filter(({ value }) => value === 'pending' || value === 'confirmed'),
        default: 'pending',
      },
      text('Title', 'title'),
    ],
  },

  ...lists(),
  filters('message', [
    text('Contact ID', 'contact_id'),
    {
      displayName: 'Direction',
      name: 'direction',
      type: 'options',
      options: [
        { name: 'Inbound', value: 'inbound' },
        { name: 'Outbound', value: 'outbound' },
      ],
      default: 'inbound',
    },
    text('Number ID', 'instance_id'),
  ]),
  filters('contact', [
    text('Phone Number', 'phone_number'),
    text('Search', 'search', 'Part of the name or number'),
  ]),
  filters('booking', [
    text('Contact ID', 'contact_id'),
    time('Starts Before', 'starts_before'),
    time('Starts From', 'starts_from'),
    { displayName: 'Status', name: 'status', type: 'options', options: BOOKING_STATUSES, default: 'pending' },
  ]),
];
