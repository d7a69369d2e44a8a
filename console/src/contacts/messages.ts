import { defineMessages } from '../i18n/define-messages.ts';

/** What several views say of contacts. */
export const messages = defineMessages({
  en: {
    unnamed: 'Without a name',
    contact: 'Contact',
    pickHint: 'Write a part of the name or number.',
    none: 'Nobody is called so.',
    looking: 'Looking …',
    clear: 'Choose somebody else',
  },
  'pt-BR': {
    unnamed: 'Sem nome',
    contact: 'Contato',
    pickHint: 'Escreva parte do nome ou do número.',
    none: 'Ninguém com esse nome.',
    looking: 'Procurando…',
    clear: 'Escolher outra pessoa',
  },
  es: {
    unnamed: 'Sin nombre',
    contact: 'Contacto',
    pickHint: 'Escribe una parte del nombre o del número.',
    none: 'Nadie con ese nombre.',
    looking: 'Buscando…',
    clear: 'Elegir a otra persona',
  },
});
