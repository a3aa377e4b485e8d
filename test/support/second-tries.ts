import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Prints at the end of a run which tests needed another try, and the error of each first try. */
export default class SecondTries implements Reporter {
  readonly #print: (text: string) => void;

  constructor({ print = (text: string) => void process.stdout.write(text) } = {}) {
    this.#print = print;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const retried = modules.flatMap((module) => [...module.children.allTests()].filter(isRetried));
    if (retried.length === 0) return;
    const lines = retried.map((test) => {
      const result = test.diagnostic()?.flaky === true ? 'passed then' : 'failed again';
      const [first] = test.result().errors ?? [];
      return `   ${test.module.relativeModuleId} > ${test.fullName}: ${result}\n     at first: ${first?.message ?? 'no reason given'}`;
    });
    this.#print(`\n Tests that needed a second try: ${retried.length}\n${lines.join('\n')}\n`);
  }
}

const isRetried = (test: TestCase): boolean => (test.diagnostic()?.retryCount ?? 0) > 0;
