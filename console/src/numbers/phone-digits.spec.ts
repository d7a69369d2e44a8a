import { expect, it } from 'vitest';
import { phoneDigits } from './phone-digits.ts';

it.each([
  ['(11) 99988-7766', ['pt-BR'], '5511999887766'],
  ['11 3988 7766', ['pt-BR', 'en'], '551139887766'],
  ['011 99988-7766', ['pt-BR'], '5511999887766'],
  ['+55 11 99988-7766', ['en-US'], '5511999887766'],
  ['0055 11 99988-7766', ['es-AR'], '5511999887766'],
  ['5511999887766', ['pt-BR'], '5511999887766'],
  ['612 345 678', ['es-ES'], '34612345678'],
  ['612 345 678', ['es'], '612345678'],
  ['', ['pt-BR'], ''],
  ['no number', ['pt-BR'], ''],
])('takes %j of somebody who reads %j for %j', (text, languages, expected) => {
  expect(phoneDigits(text, languages)).toBe(expected);
});
