import { defineMessages } from '../i18n/define-messages.ts';

export const messages = defineMessages({
  en: {
    turnOn: 'Notify me of new messages',
    turnOff: 'Notify me no more',
    isOn: 'You are told of new messages while this page is out of sight',
    blocked: 'Your browser blocks notifications of this page. Allow them in its settings.',
    title: 'New message from {name}',
    somebody: 'somebody',
    file: 'Something other than a text',
  },
  'pt-BR': {
    turnOn: 'Avisar de novas mensagens',
    turnOff: 'Não avisar mais',
    isOn: 'Você será avisado de novas mensagens quando esta página não estiver à vista',
    blocked: 'O navegador bloqueia avisos desta página. Permita nas configurações.',
    title: 'Nova mensagem de {name}',
    somebody: 'alguém',
    file: 'Algo que não é texto',
  },
  es: {
    turnOn: 'Avisarme de mensajes nuevos',
    turnOff: 'No avisarme más',
    isOn: 'Se te avisará de mensajes nuevos mientras esta página no esté a la vista',
    blocked: 'El navegador bloquea los avisos de esta página. Permítelos en su configuración.',
    title: 'Mensaje nuevo de {name}',
    somebody: 'alguien',
    file: 'Algo que no es un texto',
  },
});
