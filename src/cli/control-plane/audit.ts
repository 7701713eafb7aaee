import { readFileSync } from 'node:fs';
import { AuditLog, type AuditSink } from '#apiserver/audit/audit-log.ts';
import { AuditPolicy } from '#apiserver/audit/policy.ts';
import { asError } from '#base/errors.ts';
import type { AuditOptions } from '../up-options.ts';
import { UsageError } from '../usage-error.ts';
import type { PartContext } from './part-context.ts';

/** What leads into pods and nodes is no read, though a WebSocket starts with GET. */
const CONNECTIONS = ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy', 'services/proxy', 'nodes/proxy'];
/** Who changed what, and not what it says. */
const EVERY_WRITE = {
  apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', resources: [{ group: '', resources: CONNECTIONS }] }, { level: 'None', verbs: ['get', 'list', 'watch'] }, { level: 'None', resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }, { group: '', resources: ['events'] }, { group: 'events.k8s.io', resources: ['events'] }] }, { level: 'Metadata' }],
};

/** Undefined when no audit log is wanted. @throws UsageError when the policy cannot be used */
export function openAudit({ options, clock, log }: PartContext): { readonly policy: AuditPolicy; readonly sink: AuditSink } | undefined {
  const { audit } = options;
  if (audit === undefined) return undefined;
  const policy = readPolicy(audit);
  return { policy, sink: new AuditLog({ path: audit.logPath, maxBytes: audit.maxBytes, maxBackups: audit.maxBackups, clock, log }) };
}

function readPolicy({ policyFile }: AuditOptions): AuditPolicy {
  if (policyFile === undefined) return new AuditPolicy(EVERY_WRITE);
  try {
    return AuditPolicy.parse(readFileSync(policyFile, 'utf8'));
  } catch (cause) {
    throw new UsageError(`--audit-policy-file ${policyFile}: ${asError(cause).message}`, { cause });
  }
}
