import { showInbox } from './main.js';

/** The page of the example: where the service is, and a token that is kept in this tab alone. */
const form = document.querySelector('form')!;
const valueOf = (name: string) => form.querySelector<HTMLInputElement>(`[name=${name}]`)!.value;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  form.remove();
  showInbox(document.querySelector('#inbox')!, {
    url: valueOf('url'),
    organizationId: valueOf('organization'),
    ...(valueOf('token') !== '' && { token: valueOf('token') }),
  });
});
