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
  const { view_once: flag, mentions } = fields;
  const values = {
    ...fields,
    ...(typeof flag === 'string' && { view_once: FLAGS[flag] ?? flag }),
    ...(mentions !== undefined && { mentions: [mentions].flat() }),
  };
  return (await pipe.transform(values, { type: 'body', metatype: SendMessageDto })) as SendMessageDto;
}
