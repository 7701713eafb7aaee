/** Strings that YAML takes for themselves without quotes; everything else is quoted as JSON does, which YAML reads alike. */
const PLAIN = /^[A-Za-z_/][\w./-]*$/;
/** What YAML 1.1 takes for something else than a string. */
const RESERVED = /^(?:y|yes|n|no|true|false|on|off|null|nan|inf)$/i;

/** Block-style YAML of a JSON value. */
export const formatYaml = (value: unknown): string => `${format(value, '').replace(/^\n/, '').trimStart()}\n`;

/** A scalar, or, from the next line on, a block indented by `indent`. */
function format(value: unknown, indent: string): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : value.map((item) => `\n${indent}-${afterDash(format(item, `${indent}  `), indent)}`).join('');
  if (typeof value !== 'object' || value === null) return scalar(value);
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  if (entries.length === 0) return '{}';
  return entries.map(([key, v]) => `\n${indent}${scalar(key)}:${afterColon(format(v, Array.isArray(v) ? indent : `${indent}  `))}`).join('');
}

const afterColon = (text: string): string => (text.startsWith('\n') ? text : ` ${text}`);
/** The first entry of a nested block stands on the dash's own line. */
const afterDash = (text: string, indent: string): string => (text.startsWith('\n') ? ` ${text.slice(indent.length + 3)}` : ` ${text}`);

function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return PLAIN.test(value) && !RESERVED.test(value) ? value : JSON.stringify(value);
}
