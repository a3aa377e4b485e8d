import { listen } from '../connection/page-signals.ts';

/** How long a pointer that rests counts, in milliseconds: one that was left on a screen on the wall must not stop it for ever. */
const RESTING_MS = 60_000;
/** A finger has gone, but its owner is still reading. */
const TOUCHED_MS = 3000;
/** The pointer has left, perhaps only on its way. */
const LEFT_MS = 300;
/** Less than a row. */
const SCROLLED_PX = 24;

/**
 * Watches whether somebody points at an element, touches it, has the keyboard's focus in it, or has scrolled down what it stands in.
 * Of a table its head does not count. Returns how to stop.
 */
export function watchReading(element: HTMLElement, onChange: (isReading: boolean) => void): () => void {
  const scroller = scrollerOf(element);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPointed = false;
  let isFocused = false;
  let wasReading = false;
  let lastPlace: string | undefined;

  function settle(): void {
    const isReading = isPointed || isFocused || scroller.scrollTop > SCROLLED_PX;
    if (isReading === wasReading) return;
    wasReading = isReading;
    onChange(isReading);
  }

  function pointed(forMs: number): void {
    isPointed = true;
    endAfter(forMs);
    settle();
  }

  function endAfter(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      isPointed = false;
      settle();
    }, ms);
  }

  function moved(event: Event): void {
    const place = event instanceof MouseEvent ? `${event.screenX} ${event.screenY}` : '';
    const hasStoodStill = lastPlace === undefined || lastPlace === place;
    lastPlace = place;
    if (isInHead(event)) {
      if (isPointed) endAfter(LEFT_MS);
      return;
    }
    // Browsers also report a pointer that rests when what is under it changes, as when a page opens. Nobody points at anything then.
    if (event.type === 'pointermove' && hasStoodStill) return;
    pointed(isTouch(event) ? TOUCHED_MS : RESTING_MS);
  }

  const stops = [
    listen(element, {
      pointermove: moved,
      pointerdown: moved,
      pointerleave(event) {
        if (isPointed && event.target === element) endAfter(isTouch(event) ? TOUCHED_MS : LEFT_MS);
      },
      focusin(event) {
        isFocused = !isInHead(event) && element.querySelector(':focus-visible') !== null;
        settle();
      },
      focusout({ relatedTarget }: Event & { readonly relatedTarget?: EventTarget | null }) {
        isFocused = isFocused && relatedTarget instanceof Node && element.contains(relatedTarget);
        settle();
      },
    }),
    listen(scroller === document.scrollingElement ? document : scroller, { scroll: settle }),
  ];
  settle();
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
    if (wasReading) onChange(false);
  };
}

const isInHead = ({ target }: Event): boolean =>
  target instanceof Element && target.closest('thead') !== null;
const isTouch = (event: Event): boolean => 'pointerType' in event && event.pointerType === 'touch';

/** What moves the element when it is scrolled. */
function scrollerOf(element: Element): Element {
  for (let outer = element.parentElement; outer !== null; outer = outer.parentElement)
    if (/^(auto|scroll)$/.test(getComputedStyle(outer).overflowY)) return outer;
  return document.documentElement;
}
