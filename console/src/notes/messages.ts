import { defineMessages } from '../i18n/define-messages.ts';

/** What several views say of notes. */
export const messages = defineMessages({
  en: {
    edit: 'Edit note',
    save: 'Save',
    saved: 'Saved',
    missing: 'Write something first.',
    delete: 'Delete note',
    deleteTitle: 'Delete this note?',
    deleteText: 'It can not be brought back.',
    deleted: 'Note deleted',
    changed: 'Somebody else changed this note meanwhile. It is shown as it is now.',
    changedWhileEditing: 'Somebody else changed this note while you were writing. It says now:',
    gone: 'This note is not there any more.',
  },
  'pt-BR': {
    edit: 'Editar nota',
    save: 'Salvar',
    saved: 'Salvo',
    missing: 'Escreva algo primeiro.',
    delete: 'Excluir nota',
    deleteTitle: 'Excluir esta nota?',
    deleteText: 'Não é possível recuperá-la.',
    deleted: 'Nota excluída',
    changed: 'Outra pessoa alterou esta nota. Ela aparece como está agora.',
    changedWhileEditing: 'Outra pessoa alterou esta nota enquanto você escrevia. Agora ela diz:',
    gone: 'Esta nota não existe mais.',
  },
  es: {
    edit: 'Editar nota',
    save: 'Guardar',
    saved: 'Guardado',
    missing: 'Escribe algo primero.',
    delete: 'Eliminar nota',
    deleteTitle: '¿Eliminar esta nota?',
    deleteText: 'No se puede recuperar.',
    deleted: 'Nota eliminada',
    changed: 'Otra persona cambió esta nota. Se muestra como está ahora.',
    changedWhileEditing: 'Otra persona cambió esta nota mientras escribías. Ahora dice:',
    gone: 'Esta nota ya no existe.',
  },
});
