import type { Command } from 'commander';

/** The flags of kube-apiserver, for the commands that run the API server. */
export const addAuditFlags = (command: Command): Command => command
  .option('--audit-policy-file <file>', 'what the audit log records: a Policy of audit.k8s.io/v1 (default: every write and connection, without its content)')
  .option('--audit-log-path <file>', 'where the audit log goes; this or a policy turns it on (default: logs/audit.log in the data directory)')
  .option('--audit-log-maxsize <MiB>', 'length at which an audit log is put aside (default: 100)')
  .option('--audit-log-maxbackup <count>', 'audit logs that are put aside and kept (default: 10)');
