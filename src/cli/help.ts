import type { Command, Options } from './command.ts';

/** The help of one command. */
export function helpOf({ name, usage, help, options }: Command): string {
  return [`Usage: dms-live ${name} ${usage}`, help, `Options:\n${list(optionRows(options))}`].join('\n\n');
}

/** What `dms-live` says without a command. */
export function helpOfAll(commands: readonly Command[]): string {
  return [
    'Usage: dms-live COMMAND [options]',
    'Pushes typed GraphQL subscriptions over WebSocket and server-sent events, fed by Redis.',
    `Commands:\n${list(commands.map(({ name, summary }) => [name, summary]))}`,
    `Options:\n${list([
      ['--help', 'show this help, or that of a command'],
      ['--version', 'show the version'],
    ])}`,
    'Settings come from the environment. docs/settings.md lists all of them.',
  ].join('\n\n');
}

function optionRows(options: Options): readonly (readonly [string, string])[] {
  return Object.entries(options).map(([name, { short, value, type, description }]) => {
    const written = type === 'string' ? `--${name} ${value ?? 'VALUE'}` : `--${name}`;
    return [short === undefined ? written : `-${short}, ${written}`, description];
  });
}

/** Two columns. */
function list(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
