/** The look of a report, on a screen and on paper. */
export const STYLE = `
:root{--ink:#1b1f24;--soft:#5b6570;--line:#d9dee4;--paper:#fff;--pass:#1a7f4b;--fail:#b3261e;--none:#7a6a2f}
*{box-sizing:border-box}
body{margin:0 auto;padding:2.5rem 2rem 4rem;max-width:72rem;color:var(--ink);background:var(--paper);font:15px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.kind{margin:0;color:var(--soft);letter-spacing:.04em;text-transform:uppercase;font-size:.78rem}
h1{margin:.2rem 0 .8rem;font-size:1.7rem;font-weight:650;overflow-wrap:anywhere}
h2{margin:2.6rem 0 .8rem;padding-bottom:.35rem;border-bottom:2px solid var(--ink);font-size:1.15rem}
h3{margin:0 0 .3rem;font-size:1rem;font-weight:600}
h3 span:first-child{display:inline-block;min-width:4.2rem;color:var(--soft);font-variant-numeric:tabular-nums}
.verdict{margin:0;padding:.7rem 1rem;border-left:5px solid;background:#f6f8fa}
.verdict.pass,.badge.pass{color:var(--pass)}.verdict.fail,.badge.fail,.aborted{color:var(--fail)}.verdict.not-run,.badge.not-run{color:var(--none)}
.badge{white-space:nowrap;font-size:.85rem;font-weight:600}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr));gap:.1rem 2rem;margin:1.4rem 0}
.facts div{display:grid;grid-template-columns:11rem 1fr;gap:.6rem;padding:.25rem 0;border-bottom:1px solid var(--line)}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums}
caption{padding:.8rem 0 .3rem;text-align:left;color:var(--soft)}
th,td{padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{color:var(--soft);font-weight:500}.number{text-align:right}
a{color:inherit}code{font:.82em/1.4 ui-monospace,SFMono-Regular,Consolas,monospace;color:var(--soft)}
section{margin:0 0 1.1rem;padding:.2rem 0 0 1rem;border-left:3px solid var(--line);break-inside:avoid-page}
section.fail{border-color:var(--fail)}section.pass{border-color:var(--pass)}
section p{margin:.15rem 0}.method,.source,footer{color:var(--soft)}.missing{color:var(--none)}
summary{cursor:pointer;color:var(--soft);margin:.3rem 0}
.approval td,.approval th{height:3rem;vertical-align:bottom}.approval td{width:27%}
footer{margin-top:3rem;font-size:.85rem}
@media print{body{padding:0;max-width:none;font-size:10pt}h2{break-after:avoid}thead{display:table-header-group}tr{break-inside:avoid}section{break-inside:auto}@page{margin:16mm}}
`;
