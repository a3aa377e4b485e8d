import { defineCommand } from './command.ts';

export const serve = defineCommand({
  name: 'serve',
  summary: 'run the server until SIGTERM or SIGINT',
  help: 'Runs the server. On SIGTERM or SIGINT it takes no new clients, sends those there are elsewhere, and ends with code 0.',
  async run(_values, _positionals, { environment }) {
    const { runServer } = await import('../run-server.ts');
    return runServer(environment);
  },
});
