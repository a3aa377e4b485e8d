import { defineCommand } from './command.ts';

export const serve = defineCommand({
  name: 'serve',
  summary: 'run the server until SIGTERM or SIGINT',
  help: [
    'Runs the server. On SIGTERM or SIGINT it takes no new clients, sends those there are elsewhere, and ends with code 0.',
    'With WORKERS it runs several processes, and on SIGHUP it replaces them, with settings that it reads again.',
  ].join('\n'),
  async run(_values, _positionals, { environment, readAgain }) {
    const { runServer } = await import('../run-server.ts');
    return runServer(environment, readAgain);
  },
});
