/** The report as a page: it needs nothing else, is made to be printed, and everything in it is escaped. */
import type { Evidence, Finding, Result } from './findings.ts';
import { STYLE } from './html-style.ts';
import type { Report } from './report.ts';
import { GROUPS, groupOf } from './requirements.ts';

/** What makes a copy of the report known as the one that was made. */
export interface Seal {
  /** Of the JSON file. */
  readonly sha256: string;
  readonly signature: { readonly text: string; readonly key: string } | undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeText = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '');

/** A template whose values are escaped, unless they are HTML by themselves. */
class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | readonly Html[];

function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const written = parts.map((part) => {
    if (part instanceof Html) return part.text;
    if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
    return part.map(({ text }) => text).join('');
  });
  return new Html(strings.reduce((text, string, index) => text + (written[index - 1] ?? '') + string, ''));
}

const RESULTS: Readonly<Record<Result, { readonly word: string; readonly mark: string }>> = {
  pass: { word: 'passed', mark: '✓' },
  fail: { word: 'failed', mark: '✗' },
  'not run': { word: 'not run', mark: '–' },
};

export function writeHtml(report: Report, seal: Seal): string {
  const { run, requirements, counts, result } = report;
  const title = `Validation of ${run.url}`;
  const groups = Object.entries(GROUPS).map(([group, heading]) => {
    const some = requirements.filter(({ id }) => groupOf(id) === group);
    return html`<h2>${heading}</h2>${some.map(writeRequirement)}`;
  });
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>
<p class="kind">dms-live · validation report</p>
<h1>${run.url}</h1>
<p class="verdict ${classOf(result)}"><b>${verdictOf(report)}</b> ${counts.pass} passed, ${counts.fail} failed, ${counts['not run']} not run</p>
${run.aborted === null ? html`` : html`<p class="aborted">The run was broken off: ${run.aborted}</p>`}
</header>
${writeFacts(report, seal)}
<h2>Overview</h2>
${writeOverview(requirements)}
${groups}
${writeApproval()}
<footer>What these requirements mean, and what they do not show, is in docs/validation.md.</footer>
</body>
</html>
`;
  return page.text;
}

const classOf = (result: Result): string => result.replace(' ', '-');

function verdictOf({ result }: Report): string {
  if (result === 'pass') return 'All that could be tried passed.';
  return result === 'fail' ? 'Not all requirements are met.' : 'Nothing could be tried.';
}

function writeFacts({ run }: Report, seal: Seal): Html {
  const rows: readonly (readonly [string, string])[] = [
    ['Begun', instantOf(run.startedAt)],
    ['Ended', instantOf(run.endedAt)],
    ...Object.entries(run.versions),
    ['Allowed', run.allowed.length === 0 ? 'only to look' : run.allowed.join('; ')],
    ['Probe units', run.probeUnits.join(', ') || 'none'],
    ['Published', `${run.published} events, each marked ${run.mark}`],
    ['Received', `${run.received.messages} messages, ${run.received.characters} characters`],
    ...Object.entries(run.digests).map(([name, digest]) => [`SHA-256, ${name}`, digest] as const),
    ['SHA-256, report (JSON)', seal.sha256],
    ['Signature (Ed25519)', seal.signature?.text ?? 'not signed'],
    ...(seal.signature === undefined ? [] : [['SHA-256, public key', seal.signature.key] as const]),
  ];
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<table class="viewers"><caption>Viewers, and what each is expected to be</caption>
<thead><tr><th>viewer</th><th>user</th><th>unit</th><th>role</th><th>role classes</th><th>hash of the token’s jti</th></tr></thead>
<tbody>${run.viewers.map(
    (viewer) =>
      html`<tr><td>${viewer.name}</td><td>${viewer.user}</td><td>${viewer.unit ?? 'none'}</td><td>${viewer.role ?? ''}</td><td>${viewer.classes.join(', ')}</td><td><code>${viewer.jti ?? ''}</code></td></tr>`,
  )}</tbody></table>`;
}

const instantOf = (iso: string): string => iso.replace('T', ' ').replace('Z', ' UTC');

function writeOverview(requirements: readonly Finding[]): Html {
  return html`<table class="overview"><thead><tr><th>id</th><th>requirement</th><th>result</th><th class="number">trials</th></tr></thead>
<tbody>${requirements.map(
    ({ id, text, result, passed, failed }) =>
      html`<tr class="${classOf(result)}"><td><a href="#${id}">${id}</a></td><td>${text}</td><td>${badge(result)}</td><td class="number">${passed + failed}</td></tr>`,
  )}</tbody></table>`;
}

const badge = (result: Result): Html =>
  html`<span class="badge ${classOf(result)}">${RESULTS[result].mark} ${RESULTS[result].word}</span>`;

function writeRequirement({
  id,
  text,
  source,
  method,
  result,
  passed,
  failed,
  notShown,
  evidence,
}: Finding): Html {
  const times = evidence.flatMap(({ ms }) => ms ?? []);
  const measured =
    times.length === 0 ? html`` : html`<p>Measured: ${Math.min(...times)} to ${Math.max(...times)} ms.</p>`;
  return html`<section id="${id}" class="${classOf(result)}">
<h3><span>${id}</span> ${text} ${badge(result)}</h3>
<p class="method">${method} <span class="source">Promised in ${source}.</span></p>
${measured}${notShown.map((reason) => html`<p class="missing">Not shown: ${reason}</p>`)}
${writeEvidence(
  'What failed',
  evidence.filter(({ isGood }) => !isGood),
  true,
)}
${writeEvidence(
  `${passed} of ${passed + failed} trials passed`,
  evidence.filter(({ isGood }) => isGood),
  false,
)}
</section>`;
}

function writeEvidence(summary: string, evidence: readonly Evidence[], isOpen: boolean): Html {
  if (evidence.length === 0) return html``;
  const rows = evidence.map(
    ({ what, viewer, transport, sent, expected, got }) =>
      html`<tr><td>${what}${sent === undefined ? html`` : html`<br><code>${sent}</code>`}</td><td>${viewer ?? ''}</td><td>${transport ?? ''}</td><td>${expected}</td><td>${got}</td></tr>`,
  );
  return html`<details${new Html(isOpen ? ' open' : '')}><summary>${summary}</summary>
<table><thead><tr><th>trial</th><th>viewer</th><th>over</th><th>expected</th><th>got</th></tr></thead><tbody>${rows}</tbody></table></details>`;
}

/** Lines for the people who use the report as evidence. */
function writeApproval(): Html {
  const people = ['Executed by', 'Reviewed by', 'Approved by'];
  return html`<h2>Approval</h2><table class="approval"><thead><tr><th></th><th>name</th><th>date</th><th>signature</th></tr></thead>
<tbody>${people.map((role) => html`<tr><th>${role}</th><td></td><td></td><td></td></tr>`)}</tbody></table>`;
}
