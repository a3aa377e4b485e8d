import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './support/processes.ts';

export interface Results {
  readonly machine: string;
  readonly goals: string;
  readonly tables: string;
}

/** Writes `bench/RESULTS.md`, which the README quotes. */
export function writeResults({ machine, goals, tables }: Results): void {
  const text = `# What \`npm run bench\` measured

Written by \`npm run bench -- --write\`. All systems ran in the same run, by turns, each in a process of its own; the load client
in another one. Each figure is the median of its rounds, each ratio the median of the ratios within the rounds. CPU is user and
system time of the server's process. The ratios are what counts: they hold on other machines as well, the figures do not.

${machine}

- **dms-live**: \`dist/main.js\` with everything on: sessions, authorization, validation, limits, log, metrics.
- **bare \`ws\`**: a finished string sent to each socket (\`bench/peers/bare.ts\`); no GraphQL, no token.
- **Centrifugo**, where its binary is given: history and recovery on, its log in Redis, tokens verified; no GraphQL. Events come to it by
  its HTTP API (\`bench/peers/centrifugo.ts\`).
- **stock Yoga stack**: Yoga, graphql-ws and graphql-redis-subscriptions as their documentation shows them
  (\`bench/peers/stock.ts\`); no token.

## Goals

${goals}

Memory over a longer churn is measured only where \`--churn\` asks for it; one round, ours alone. Replay: bare \`ws\`
writes finished buffers, which is the least that Node and the load client can do.

## Measurements

${tables}`;
  writeFileSync(join(ROOT, 'bench/RESULTS.md'), text);
}
