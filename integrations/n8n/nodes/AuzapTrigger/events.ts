import type { INodePropertyOptions } from 'n8n-workflow';

/** The events that a webhook can be told of. */
export const eventOptions: INodePropertyOptions[] = [
  { name: 'All', value: '*', description: 'Everything that happens' },
  { name: 'Booking', value: 'whatsapp:booking', description: 'A booking was made or changed' },
  { name: 'Connected', value: 'whatsapp:connected', description: 'A number is on line' },
  { name: 'Contact', value: 'whatsapp:contact', description: 'A contact was merged, renamed or read' },
  { name: 'Disconnected', value: 'whatsapp:disconnected', description: 'A number went off line' },
  { name: 'Group', value: 'whatsapp:group', description: 'A group is known, or changed' },
  { name: 'Group Message', value: 'whatsapp:group-message', description: 'Somebody wrote in a group' },
  { name: 'Media', value: 'whatsapp:media', description: 'The file of a message came, or will not' },
  { name: 'Message', value: 'whatsapp:message', description: 'A client wrote' },
  { name: 'Message Deleted', value: 'whatsapp:message-deleted', description: 'A message was taken back' },
  { name: 'Message Edited', value: 'whatsapp:message-edited', description: 'The text of a message changed' },
  {
    name: 'Message Sent',
    value: 'whatsapp:message-sent',
    description: 'A message of the API is about to leave',
  },
  {
    name: 'Message Status',
    value: 'whatsapp:message-status',
    description: 'A message was sent, delivered, read, or failed',
  },
  {
    name: 'Message Updated',
    value: 'whatsapp:message-updated',
    description: 'Something else about a message changed',
  },
  { name: 'Note', value: 'whatsapp:note', description: 'The owner wrote on the phone' },
  { name: 'Reaction', value: 'whatsapp:reaction', description: 'Somebody reacted to a message' },
  { name: 'Restricted', value: 'whatsapp:restricted', description: 'WhatsApp limits the account' },
];
