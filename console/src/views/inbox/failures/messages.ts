import { defineMessages } from '../../../i18n/define-messages.ts';

export const messages = defineMessages({
  en: {
    noAccount: 'this number is not on WhatsApp',
    onlyAnswers: 'WhatsApp lets this number answer only, for now',
    account: 'WhatsApp refuses this number: look at the account on its phone',
    tooMuch: 'too much was sent at once: wait a while',
    notReached: 'WhatsApp could not be reached: send it again later',
    noFile: 'the file is gone: attach it again',
    nobodyKnows: 'WhatsApp never confirmed it: it may have arrived all the same',
    refused: 'WhatsApp did not take this message',
  },
  'pt-BR': {
    noAccount: 'este número não está no WhatsApp',
    onlyAnswers: 'por enquanto o WhatsApp só deixa este número responder',
    account: 'o WhatsApp recusa este número: veja a conta no celular',
    tooMuch: 'foram muitas mensagens de uma vez: espere um pouco',
    notReached: 'não foi possível falar com o WhatsApp: envie de novo mais tarde',
    noFile: 'o arquivo não existe mais: anexe de novo',
    nobodyKnows: 'o WhatsApp não confirmou: pode ter chegado mesmo assim',
    refused: 'o WhatsApp não aceitou esta mensagem',
  },
  es: {
    noAccount: 'este número no está en WhatsApp',
    onlyAnswers: 'por ahora WhatsApp solo deja que este número responda',
    account: 'WhatsApp rechaza este número: mira la cuenta en el teléfono',
    tooMuch: 'fueron muchos mensajes a la vez: espera un poco',
    notReached: 'no se pudo hablar con WhatsApp: envíalo de nuevo más tarde',
    noFile: 'el archivo ya no existe: adjúntalo de nuevo',
    nobodyKnows: 'WhatsApp no lo confirmó: puede haber llegado igual',
    refused: 'WhatsApp no aceptó este mensaje',
  },
});
