import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Addressed } from './clients.ts';
import { until } from './redis.ts';

/** A TCP connection for the running test, which can send any bytes. */
export interface RawConnection {
  readonly socket: Socket;
  /** All received bytes, each as one character. */
  readonly text: string;
  send(text: string): void;
  /** Waits until the received text contains the pattern `count` times. */
  receives(pattern: string, count?: number): Promise<void>;
}

export async function useRawConnection({ url }: Addressed): Promise<RawConnection> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined); // the server cut it off
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  await once(socket, 'connect');
  return {
    socket,
    get text() {
      return text;
    },
    send: (sent) => void socket.write(sent, 'latin1'),
    receives: (pattern, count = 1) => until(() => text.split(pattern).length > count),
  };
}
