import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A sentinel that the test controls: when it answers, and what it announces. */
export interface ScriptedSentinel {
  /** For `REDIS_URL`. */
  readonly url: string;
  /** How often a client asked for the primary. */
  readonly questions: number;
  /** The number of clients that wait for a change of the primary. */
  readonly listeners: number;
  /** The question for the primary gets no answer until the returned function is called. */
  holdAnswers(): () => void;
  /** Announces a new primary to all listeners. */
  announceFailover(): void;
}

const NAME = 'dms';

/** @param primaryPort the port on the loopback that the sentinel names as the primary. */
export async function useScriptedSentinel(primaryPort: number): Promise<ScriptedSentinel> {
  const sockets = new Set<Socket>();
  const listeners = new Set<Socket>();
  let questions = 0;
  let open: Promise<void> = Promise.resolve();

  async function answer(socket: Socket, [command = '', ...args]: readonly string[]): Promise<void> {
    if (/^subscribe$/i.test(command)) {
      listeners.add(socket);
      socket.write(`*3\r\n${bulk('subscribe')}${bulk(args[0] ?? '')}:1\r\n`);
    } else if (/^get-master-addr-by-name$/i.test(args[0] ?? '')) {
      questions += 1;
      await open;
      socket.write(`*2\r\n${bulk('127.0.0.1')}${bulk(`${primaryPort}`)}`);
    } else {
      socket.write(/^sentinel$/i.test(command) ? '*0\r\n' : '+OK\r\n');
    }
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // `close` follows
    socket.on('close', () => {
      sockets.delete(socket);
      listeners.delete(socket);
    });
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
      const { commands, rest } = takeCommands(received);
      received = rest;
      for (const command of commands) void answer(socket, command);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  return {
    url: `redis+sentinel://127.0.0.1:${port}/${NAME}`,
    get questions() {
      return questions;
    },
    get listeners() {
      return listeners.size;
    },
    holdAnswers() {
      let release = (): void => undefined;
      open = new Promise((resolve) => {
        release = resolve;
      });
      return () => release();
    },
    announceFailover() {
      const news = `${NAME} 127.0.0.1 1 127.0.0.1 ${primaryPort}`;
      for (const socket of listeners)
        socket.write(`*3\r\n${bulk('message')}${bulk('+switch-master')}${bulk(news)}`);
    },
  };
}

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;

/** The complete commands. Each is an array of strings without line ends. */
function takeCommands(received: string): { commands: string[][]; rest: string } {
  const commands: string[][] = [];
  let rest = received;
  for (;;) {
    const count = Number(/^\*(\d+)\r\n/.exec(rest)?.[1]);
    const lines = rest.split('\r\n');
    if (Number.isNaN(count) || lines.length <= 2 * count + 1) return { commands, rest };
    commands.push(lines.slice(1, 2 * count + 1).filter((_, index) => index % 2 === 1));
    rest = lines.slice(2 * count + 1).join('\r\n');
  }
}
