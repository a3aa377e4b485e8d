import type { KeyboardEvent } from 'react';

/** Arrow keys, Home and End go from one row's button to another's. */
export function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row-button]')];
  const here = buttons.findIndex((button) => button.matches(':focus'));
  if (here === -1) return;
  const target = buttons[nextIndex(event.key, here, buttons.length)];
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}

function nextIndex(key: string, here: number, length: number): number {
  if (key === 'ArrowDown') return here + 1;
  if (key === 'ArrowUp') return here - 1;
  if (key === 'Home') return 0;
  return key === 'End' ? length - 1 : -1;
}
