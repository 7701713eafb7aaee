import type { AuditFlags } from './audit/session.ts';
export interface LogFlags extends AuditFlags { readonly output: string }
export async function logObject(_a: string, _f: LogFlags): Promise<void> {}
