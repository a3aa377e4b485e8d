import { check } from './check.ts';
import type { Command } from './command.ts';
import { doctor } from './doctor.ts';
import { record } from './record.ts';
import { serve } from './serve.ts';
import { validate } from './validate.ts';
import { watch } from './watch.ts';
import { why } from './why.ts';

/**
 * Every command of `dms-live`, in the order of its help. A command imports what it needs when it runs: the help is there at once, and
 * libraries that look at `NODE_ENV` when they load find what `--env-file` says.
 */
export const COMMANDS: readonly Command[] = [serve, check, doctor, why, watch, record, validate];
