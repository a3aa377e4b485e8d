import { ConfigError } from '../config/config.ts';
import { SchemaError } from '../events/schema-error.ts';
import type { Io } from './command.ts';
import { type Lookout, LookoutFault, openLookout, readLookoutSettings } from './lookout.ts';

/** Runs a command with a view of the installation's Redis. What the operator must mend is said in one message, with exit code 1. */
export async function withLookout(
  { environment, error }: Pick<Io, 'environment' | 'error'>,
  run: (lookout: Lookout) => Promise<number>,
): Promise<number> {
  let lookout: Lookout | undefined;
  try {
    lookout = await openLookout(readLookoutSettings(environment));
    return await run(lookout);
  } catch (thrown) {
    const isExpected =
      thrown instanceof ConfigError || thrown instanceof SchemaError || thrown instanceof LookoutFault;
    if (!isExpected) throw thrown;
    error(thrown.message);
    return 1;
  } finally {
    lookout?.close();
  }
}
