import { LOOKS } from './looks.ts';

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** All pictures side by side: a row for each scene, a column for each look. */
export function indexPage(files: readonly string[]): string {
  const scenes = [...new Set(files.map((file) => file.split('.')[0] ?? ''))].sort();
  const looks = Object.keys(LOOKS);
  const picture = (scene: string, look: string): string => {
    const file = `${scene}.${look}.png`;
    if (!files.includes(file)) return '<td></td>';
    const address = encodeURIComponent(file);
    return `<td><a href="${address}"><img loading="lazy" src="${address}" alt="${escaped(file)}"></a></td>`;
  };
  const rows = scenes.map(
    (scene) =>
      `<tr><th scope="row">${escaped(scene)}</th>${looks.map((look) => picture(scene, look)).join('')}</tr>`,
  );
  return `<!doctype html>
<meta charset="utf-8">
<title>Pictures of the demo app</title>
<style>
  body { font: 14px system-ui; margin: 16px; color-scheme: light dark }
  th { text-align: left; position: sticky; left: 0; top: 0; background: Canvas; padding: 4px 8px; vertical-align: top }
  thead th { z-index: 1 }
  td { padding: 4px; vertical-align: top }
  img { height: 260px; border: 1px solid GrayText }
</style>
<table>
<thead><tr><td></td>${looks.map((look) => `<th>${look}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
`;
}
