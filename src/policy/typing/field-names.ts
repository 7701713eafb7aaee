const RESERVED = new Set(['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while']);
const ESCAPES: Readonly<Record<string, string>> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' };

/** The escaped name of a field that is a word of the language. An expression may leave out the escape: behind a dot it can mean nothing else. */
export const escapeKeyword = (name: string): string | undefined => (RESERVED.has(name) ? `__${name}__` : undefined);

/** The name by which an expression reaches a field; undefined for fields that none can reach. */
export function escapeField(name: string): string | undefined {
  if (!/^[A-Za-z_./-][\w./-]*$/.test(name)) return undefined;
  return escapeKeyword(name) ?? name.replaceAll(/__|[-./]/g, (found) => ESCAPES[found] ?? found);
}

/** The field that an escaped name stands for. */
export function unescapeField(name: string): string {
  const reserved = /^__([a-z]+)__$/.exec(name)?.[1];
  if (reserved !== undefined && RESERVED.has(reserved)) return reserved;
  return name.replaceAll(/__(underscores|dot|dash|slash)__/g, (_all, word: string) => ({ underscores: '__', dot: '.', dash: '-', slash: '/' })[word] ?? '');
}
