#!/usr/bin/env node
import { runCommandLine } from './command-line.ts';

// A reader that has seen enough, such as `head`, is no fault. A disk that is full is one.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`Standard output: ${error.message}\n`);
  process.exit(1);
});
process.stderr.on('error', () => undefined); // there is nobody to whom that could be said

process.exitCode = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  out: (line) => void process.stdout.write(`${line}\n`),
  error: (line) => void process.stderr.write(`${line}\n`),
});
