import type { AuditFlags } from './audit/session.ts';
export interface RollbackFlags extends AuditFlags { readonly output: string }
export async function rollbackApplication(_a: string, _f: RollbackFlags): Promise<void> {}
