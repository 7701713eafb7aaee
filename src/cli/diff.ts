import type { AuditFlags } from './audit/session.ts';
export interface DiffFlags extends AuditFlags { readonly output: string }
export async function diffRevisions(_a: string, _b: string, _f: DiffFlags): Promise<void> {}
