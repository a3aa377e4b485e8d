import type { LineSink, OpenSink } from './writer.ts';

/** Writes each line to several sinks. */
export function toAll(all: readonly OpenSink[]): OpenSink {
  return (onLost) => {
    const sinks: readonly LineSink[] = all.map((open) => open(onLost));
    return {
      write(line, seq, hash, bytes) {
        for (const sink of sinks) sink.write(line, seq, hash, bytes);
      },
      async close() {
        await Promise.all(sinks.map((sink) => sink.close()));
      },
    };
  };
}
