import { Download } from 'lucide-react';
import { type AuditFile, type AuditFilter, useExportAudit } from '../api/audit.ts';
import { describeError } from '../api/http.ts';
import { Button } from '../ui/button.tsx';

interface ExportProps {
  readonly filter: AuditFilter;
  /** How many entries the filters find; `undefined`: not known yet. */
  readonly count: number | undefined;
}

/** Saves all that the filters find as a file, and not only what is loaded. */
export function ExportButton({ filter, count }: ExportProps) {
  const { mutate, isPending, error } = useExportAudit();
  return (
    <span className="ml-auto inline-flex items-center gap-2">
      {error !== null && (
        <span role="alert" className="text-danger">
          {describeError(error)}
        </span>
      )}
      <Button
        disabled={isPending || count === undefined}
        title={`${inEntries(count)}, for Excel or LibreOffice. The audit trail records each export.`}
        onClick={() => mutate(filter, { onSuccess: save })}
      >
        <Download aria-hidden className="size-4" />
        {isPending ? 'Exporting…' : 'Export CSV'}
      </Button>
    </span>
  );
}

function inEntries(count: number | undefined): string {
  if (count === undefined) return 'The entries';
  return count === 1 ? 'The entry' : `All ${count.toLocaleString('en')} entries`;
}

/** How long the browser may take to read what it saves. */
const FREED_AFTER_MS = 10_000;

function save({ name, content }: AuditFile): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), FREED_AFTER_MS); // some browsers read it only later
}
