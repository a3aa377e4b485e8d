import { type ComponentProps, type RefObject, useLayoutEffect, useRef } from 'react';
import { Button } from './button.tsx';

/** A button that may go while it has the focus, as “Try again” does once it has worked: what is around it gets the focus then. */
export function PassingButton(props: Omit<ComponentProps<typeof Button>, 'ref'>) {
  return <Button ref={usePassedFocus()} {...props} />;
}

/** @returns for a button that may go: without it, the focus would be lost, and the next Tab would begin at the top of the page. */
export function usePassedFocus(): RefObject<HTMLButtonElement> {
  const ref = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const button = ref.current;
    return () => {
      if (button === null || button !== document.activeElement) return;
      const around = button.closest('[role="dialog"]') ?? document.querySelector('main section');
      if (around instanceof HTMLElement) around.focus();
    };
  }, []);
  return ref;
}
