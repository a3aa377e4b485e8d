/** The server by itself, without a command line: `node dist/main.js`. */
import { runServer } from './run-server.ts';

process.exitCode = await runServer(process.env);
