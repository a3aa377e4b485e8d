import type { Bench } from '../bench.ts';
import type { SocketClient } from '../over-websocket.ts';
import type { RequirementId } from '../requirements.ts';

interface Closing {
  readonly id: RequirementId;
  readonly what: string;
  readonly code: number;
}

/** Waits until the server has closed a socket, and judges the code. */
export async function expectClosed(
  { wire, findings }: Bench,
  socket: SocketClient,
  { id, what, code }: Closing,
): Promise<void> {
  await wire.news.until(() => socket.closed !== undefined, wire.patienceMs);
  findings.add(id, {
    what,
    transport: 'WebSocket',
    expected: `closed with ${code}`,
    got: socket.closed === undefined ? 'goes on' : `closed with ${socket.closed.by}`,
    isGood: socket.closed?.by === code,
  });
  socket.close();
}
