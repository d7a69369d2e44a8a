import { AppError } from '../common/app-error.js';
import { DataKeysRepository } from '../repositories/data-keys.repository.js';
import { KeyRotationRepository } from '../repositories/key-rotation.repository.js';
import { KeyRotation } from '../secrets/key-rotation.js';
import { type AdminCommand, argumentsOf } from './admin-command.js';
import { ProgressLines } from './progress-lines.js';

/** Makes all keys but the first needless. */
export const rotateKeys: AdminCommand = {
  usage: 'rotate-keys',
  summary:
    'With SESSION_ENCRYPTION_KEY=new,old here and in all running processes: seals everything under the new key, so that ' +
    'the old one opens nothing any more. May be interrupted, and goes on when it is run again. See docs/keys.md.',
  options: {},
  operation: (_, { box }) => ({
    object: { type: 'service' },
    details: { keys: box.keyIds.map((id) => id.toString('hex')) },
  }),
  async run(input, { client, box, note, interruption }) {
    argumentsOf(input, []);
    const [newKey, ...oldKeys] = box.keyIds.map((id) => id.toString('hex'));
    note(`New key: ${newKey}. Old keys: ${oldKeys.join(', ') || 'none'}.`);
    const rotation = new KeyRotation(
      new KeyRotationRepository(client),
      new DataKeysRepository(client),
      box,
      new ProgressLines(note),
    );
    const { changed, unreadable, left, locked } = await rotation.run(interruption());
    if (unreadable.length > 0) {
      note(
        'No configured key opens some values: they are damaged, or were sealed by a key that is not configured. They are ' +
          `left as they are:\n${unreadable.map((values) => `  ${values}`).join('\n')}`,
      );
    }
    if (left > 0) {
      throw new AppError('values_in_use', {
        message: `${left} values were in use all the time, and an old key may open them. Run this again.`,
      });
    }
    if (locked > 0) {
      throw new AppError('key_not_configured', {
        message:
          `${locked} values were sealed by a key that SESSION_ENCRYPTION_KEY does not name. Add that key to the end of the list, ` +
          'and run this again. If it is lost, so are they: delete these instances and link them again.',
      });
    }
    return {
      note:
        `${changed} values were sealed anew, and a last pass found nothing that an old key opens. ` +
        'SESSION_ENCRYPTION_KEY may name the first key alone now.',
    };
  },
};
