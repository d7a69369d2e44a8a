import { InputPipe } from '../http/input.pipe.js';
import { SendMessageDto } from './dto/send-message.dto.js';

const pipe = new InputPipe();
const FLAGS: Readonly<Record<string, boolean>> = { true: true, false: false };

/**
 * @param fields of a form, all of them texts
 * @returns the same as a body of JSON would have it
 * @throws AppError `validation_failed`
 */
export async function formInput(fields: Record<string, string | string[]>): Promise<SendMessageDto> {
  const { mentions } = fields;
  const flags = ['view_once', 'link_preview'].flatMap((name) => {
    const value = fields[name];
    return typeof value === 'string' ? [[name, FLAGS[value] ?? value]] : [];
  });
  const values = {
    ...fields,
    ...(Object.fromEntries(flags) as object),
    ...(mentions !== undefined && { mentions: [mentions].flat() }),
  };
  return (await pipe.transform(values, { type: 'body', metatype: SendMessageDto })) as SendMessageDto;
}
