import type { AuditSink } from '#apiserver/audit/audit-log.ts';
import { AuditPolicy } from '#apiserver/audit/policy.ts';

/** Keeps what would be written to the audit log. */
export class AuditLines implements AuditSink {
  readonly events: any[] = [];

  write(line: string): void {
    this.events.push(JSON.parse(line));
  }
  writeMetrics(): void {}
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The same level for all requests. */
export const auditPolicy = (level: string): AuditPolicy => new AuditPolicy({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level }] });
