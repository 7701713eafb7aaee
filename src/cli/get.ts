import type { AuditFlags } from './audit/session.ts';
export interface GetFlags extends AuditFlags { readonly output: string }
export async function getObject(_a: string, _f: GetFlags): Promise<void> {}
