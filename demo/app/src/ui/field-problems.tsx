import { createContext, type ReactNode, useContext, useEffect, useId, useMemo, useState } from 'react';

interface Form {
  report(field: string, problem: string | undefined): void;
  /** It is being sent: what its own events change is no problem. */
  readonly isBusy: boolean;
}

const FormContext = createContext<Form>({ report: () => {}, isBusy: false });

interface FormProblemsProps {
  readonly isBusy: boolean;
  readonly report: Form['report'];
  readonly children: ReactNode;
}

/** Knows whether what is chosen in the fields of a form is still possible. */
export function useProblems() {
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const report = useMemo<Form['report']>(
    () => (field, problem) =>
      setProblems((before) => {
        if (before.get(field) === problem) return before;
        const after = new Map(before);
        if (problem === undefined) after.delete(field);
        else after.set(field, problem);
        return after;
      }),
    [],
  );
  return { areThere: problems.size > 0, report };
}

export function FormProblems({ isBusy, report, children }: FormProblemsProps) {
  const form = useMemo(() => ({ isBusy, report }), [isBusy, report]);
  return <FormContext.Provider value={form}>{children}</FormContext.Provider>;
}

/** Keeps the form from being sent as long as there is a problem. Returns what the field shows of it. */
export function useFieldProblem(problem: string | undefined): string | undefined {
  const field = useId();
  const { report, isBusy } = useContext(FormContext);
  const shown = isBusy ? undefined : problem;
  useEffect(() => {
    report(field, shown);
    return () => report(field, undefined);
  }, [report, field, shown]);
  return shown;
}
