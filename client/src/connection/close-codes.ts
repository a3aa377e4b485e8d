import { type Closing, LOST } from './link.ts';

/** The codes after which another attempt would end the same way: as graphql-ws and RFC 6455 (1009: message too big) define them. */
const TERMINAL = new Set([1009, 4400, 4406, 4409, 4429]);

/** Says what to do after the server has closed a WebSocket with this code. */
export function readCloseCode(code: number, reason: string): Closing {
  if (code === 4401) return { kind: 'signed-out', reason };
  if (code === 4403) return { kind: 'refused', reason };
  if (TERMINAL.has(code)) return { kind: 'stopped', code, reason };
  return LOST;
}
