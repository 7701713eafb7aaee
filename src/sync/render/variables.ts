import type { SyncError } from '#api/headway/v1/types.ts';

export type Substitution = { readonly text: string } | { readonly error: Pick<SyncError, 'reason' | 'message' | 'line'> };

const REFERENCE = /\$\$\{|\$\{([^}\n]*)(\}?)/g;
const FORM = /^([A-Za-z_]\w*)(?::?[-=](.*))?$/;
/** Flux' own mark for objects that are to be left as they are. */
const DISABLED = /^\s+["']?kustomize\.toolkit\.fluxcd\.io\/substitute["']?:\s*["']?disabled["']?\s*$/m;

/**
 * `${NAME}`, `${NAME:-default}` and `${NAME:=default}` of one document, as Flux substitutes them; `$${` stands for `${`. Lines stay where they
 * are. An unknown name without default is empty.
 */
export function substituteVariables(text: string, variables: Readonly<Record<string, string>>): Substitution {
  if (DISABLED.test(text)) return { text };
  let error: Pick<SyncError, 'reason' | 'message' | 'line'> | undefined;
  const substituted = text.replaceAll(REFERENCE, (reference: string, inner: string | undefined, end: string, offset: number) => {
    if (inner === undefined) return '${';
    const [form, name = '', fallback = ''] = FORM.exec(inner) ?? [];
    const value = Object.hasOwn(variables, name) ? variables[name] ?? '' : undefined;
    const problem = form === undefined || end === '' ? `${JSON.stringify(reference)} is no variable; write $\${ for a literal \${` : value?.includes('\n') ? `variable ${name} has more than one line` : undefined;
    if (problem) error ??= { reason: 'InvalidVariable', message: problem, line: text.slice(0, offset).split('\n').length };
    return value || fallback;
  });
  return error ? { error } : { text: substituted };
}
