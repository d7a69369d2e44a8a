import type { Locator, Page } from 'playwright-core';
import { arrowTo, tabTo } from './keyboard.js';

/** Somebody who uses the page, by mouse or without one. */
export interface Person {
  /** Presses a button, follows a link, or takes an item of a menu. */
  press(target: Locator): Promise<void>;
  /** Writes into a field, in place of what stands there. */
  write(field: Locator, text: string): Promise<void>;
  /** Takes one of a list by the words that it has there. */
  choose(list: Locator, option: string): Promise<void>;
}

/** @returns who uses the mouse, and the keyboard to write */
export function mousePerson(): Person {
  return {
    press: (target) => target.click(),
    write: (field, text) => field.fill(text),
    async choose(list, option) {
      await list.selectOption({ label: option });
    },
  };
}

/** @returns who has a keyboard alone */
export function keyboardPerson(page: Page): Person {
  const { keyboard } = page;
  return {
    async press(target) {
      const isInMenu = (await target.getAttribute('role')) === 'menuitem';
      await (isInMenu ? arrowTo(page, target) : tabTo(page, target));
      await keyboard.press('Enter');
    },
    async write(field, text) {
      await tabTo(page, field);
      await keyboard.press('Control+A');
      await keyboard.type(text);
    },
    async choose(list, option) {
      await tabTo(page, list);
      const count = await list.locator('option').count();
      await keyboard.press('Home');
      for (let place = 0; (await chosenOf(list)) !== option; place += 1) {
        if (place === count) {
          throw new Error(`arrows lead nowhere to ${option}`);
        }
        await keyboard.press('ArrowDown');
      }
    },
  };
}

function chosenOf(list: Locator): Promise<string | undefined> {
  return list.evaluate((element) => (element as HTMLSelectElement).selectedOptions[0]?.text);
}
