import type { Locator, Page } from 'playwright-core';

/** Many more than the stops of any page here: after them Tab has been everywhere. */
const MAX_PRESSES = 150;

/**
 * Moves the focus as people without a mouse do.
 * @param target what is to have the focus
 * @throws Error where Tab does not lead there
 */
export function tabTo(page: Page, target: Locator): Promise<void> {
  return pressTo(page, 'Tab', target);
}

/** As `tabTo`, along the items of a menu that is open. */
export function arrowTo(page: Page, target: Locator): Promise<void> {
  return pressTo(page, 'ArrowDown', target);
}

async function pressTo(page: Page, key: string, target: Locator): Promise<void> {
  await target.waitFor({ state: 'attached' });
  for (let presses = 0; presses < MAX_PRESSES; presses += 1) {
    if (await hasFocus(target)) {
      return;
    }
    await page.keyboard.press(key);
  }
  throw new Error(`${key} leads nowhere to ${String(target)}`);
}

function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === document.activeElement);
}
