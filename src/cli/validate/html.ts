import type { Report } from './report.ts';
export function writeHtml(
  report: Report,
  _seal: { sha256: string; signature: { text: string; key: string } | undefined },
): string {
  return `<!doctype html><title>${report.result}</title>`;
}
