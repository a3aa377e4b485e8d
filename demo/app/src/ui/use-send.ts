import { useEffect, useRef } from 'react';
import { toast } from 'sonner';
import { describeFailedWrite } from '../api/write.ts';

interface SendOptions<Answer> {
  /** What it is about: `Request 12`. */
  readonly what: string;
  /** What was done, once it is: `Request 12 approved`. */
  readonly done: (answer: Answer) => string;
  readonly onClose: () => void;
}

/**
 * Sends what a dialog asks for, says what was done, and closes the dialog. A failure is the dialog's to say. If it was closed
 * meanwhile, by its user or by the browser's Back, a toast says it: otherwise nobody would learn of it. A second click is passed
 * over: it may come before the page shows that the first one was taken.
 */
export function useSend<Sent, Answer>(
  send: (sent: Sent) => Promise<Answer>,
  { what, done, onClose }: SendOptions<Answer>,
): (sent: Sent) => Promise<void> {
  const isOpen = useRef(true);
  const isSending = useRef(false);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);
  return async (sent) => {
    if (isSending.current) return;
    isSending.current = true;
    try {
      toast.success(done(await send(sent)));
      if (isOpen.current) onClose();
    } catch (error) {
      if (!isOpen.current) toast.error(`${what}: ${describeFailedWrite(error, { isOpen: false })}`);
    } finally {
      isSending.current = false;
    }
  };
}
