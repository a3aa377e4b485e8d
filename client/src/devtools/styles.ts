import type { CSSProperties } from 'react';

/** React sets these by the DOM, which a Content-Security-Policy allows. The colours are the system's, of a light or a dark page. */
const SURFACE: CSSProperties = {
  background: 'Canvas',
  color: 'CanvasText',
  font: '13px/1.4 system-ui, sans-serif',
};
const BORDER = '1px solid GrayText';

export const BUTTON: CSSProperties = {
  ...SURFACE,
  position: 'fixed',
  insetBlockEnd: 12,
  insetInlineStart: 12,
  zIndex: 2147483646,
  padding: '6px 12px',
  border: BORDER,
  borderRadius: 16,
  cursor: 'pointer',
};

export const PANEL: CSSProperties = { ...SURFACE, padding: 12, overflow: 'auto', boxSizing: 'border-box' };

export const FLOATING: CSSProperties = {
  ...PANEL,
  position: 'fixed',
  inset: 'auto 0 0 0',
  zIndex: 2147483647,
  height: '50vh',
  borderBlockStart: BORDER,
};

export const TABLE: CSSProperties = { borderCollapse: 'collapse', width: '100%', marginBlock: '0 16px' };
export const CAPTION: CSSProperties = { textAlign: 'start', fontWeight: 600, paddingBlock: 4 };
export const CELL: CSSProperties = {
  textAlign: 'start',
  verticalAlign: 'top',
  padding: '4px 8px',
  borderBlockStart: BORDER,
  overflowWrap: 'break-word',
};
export const LIST: CSSProperties = { margin: 0, padding: 0, listStyle: 'none' };
export const TOOL: CSSProperties = { font: 'inherit', marginInlineEnd: 8 };
