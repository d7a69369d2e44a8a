import { describe, expect, it } from 'vitest';
import { AppError } from '../common/app-error.js';
import { IsOrganizationId, IsText, NullableField, OptionalField } from './field-rules.js';
import { InputPipe } from './input.pipe.js';
import { PageDto } from './page.dto.js';

class SampleDto extends PageDto {
  @IsOrganizationId()
  organization_id: string;

  @NullableField()
  @IsText({ max: 5 })
  nickname?: string | null;

  @OptionalField()
  @IsText({ max: 5 })
  title?: string;
}

const pipe = new InputPipe();
const read = (value: unknown) => pipe.transform(value, { type: 'body', metatype: SampleDto });

async function faultsOf(value: unknown): Promise<string[]> {
  const error: unknown = await read(value).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'validation_failed' });
  return (error as AppError).details!.map((detail) => `${detail.path}: ${detail.message}`);
}

describe('InputPipe', () => {
  it('makes an instance with defaults', async () => {
    expect(await read({ organization_id: 'org_1' })).toEqual(
      Object.assign(new SampleDto(), { organization_id: 'org_1', limit: 50 }),
    );
  });

  it.each([
    [{ organization_id: 'o', limit: '7' }, { limit: 7 }],
    [{ organization_id: 'o', limit: 100 }, { limit: 100 }],
    [{ organization_id: 'o', nickname: null }, { nickname: null }],
    [{ organization_id: 'o', title: 'é' }, { title: 'é' }],
  ])('takes %j', async (value, expected) => {
    expect(await read(value)).toMatchObject(expected);
  });

  it.each([
    [undefined, ['organization_id: is required']],
    [null, ['organization_id: is required']],
    [[], [': the body must be a JSON object']],
    ['text', [': the body must be a JSON object']],
    [{ organization_id: 'o', limit: '0x10' }, ['limit: must be a whole number from 1 to 100']],
    [{ organization_id: 'o', limit: null }, ['limit: must be a whole number from 1 to 100']],
    [{ organization_id: 'o', limit: true }, ['limit: must be a whole number from 1 to 100']],
    [{ organization_id: 'o', title: null }, ['title: is required']],
    [{ organization_id: 'o', title: 'longer' }, ['title: must not be longer than 5 characters (it has 6)']],
    [{ organization_id: 'o', foo: 1 }, ['foo: unknown field']],
    [JSON.parse('{"organization_id":"o","__proto__":{}}'), ['__proto__: unknown field']],
    [
      { foo: 1, title: '' },
      ['foo: unknown field', 'title: must not be empty', 'organization_id: is required'],
    ],
  ])('refuses %j', async (value, faults) => {
    expect((await faultsOf(value)).toSorted()).toEqual(faults.toSorted());
  });

  it('leaves alone what is no DTO', async () => {
    expect(await pipe.transform('x', { type: 'param', metatype: String })).toBe('x');
    expect(await pipe.transform({ a: 1 }, { type: 'body', metatype: Object })).toEqual({ a: 1 });
  });
});
